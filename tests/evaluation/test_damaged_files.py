"""Result folders that were damaged, mixed or made by somebody else: refused by name, whatever their digests say."""

import hashlib
import io
import json
import shutil
import struct
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError

N = 360


def made(seed=0, n=N, classes=3, weights=True):
    rng = np.random.default_rng(seed)
    groups = {"color": rng.choice(["blue", "red"], n), "religion": [["a", "b"], None] * (n // 2)}
    examples = Examples(labels=rng.integers(0, classes, n), groups=groups, weights=rng.random(n) if weights else None)
    scores = rng.dirichlet(np.ones(classes), n) if classes > 2 else rng.random(n)
    asked = [1, 2] if classes > 2 else None
    return fairkit.evaluate(scores, examples, ["color", {"religion": "a"}], [0.25, 0.5], asked)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    place = tmp_path_factory.mktemp("saved")
    made().save(place / "run")
    made(seed=1).save(place / "other")
    made(n=100).save(place / "smaller")
    made(classes=2, weights=False).save(place / "binary")
    chunk = made().predictions
    fairkit.evaluate([chunk], slices=["color"], thresholds=[0.25, 0.5], classes=[1]).save(place / "chunks")
    return place


@pytest.fixture
def run(saved, tmp_path):
    shutil.copytree(saved / "run", tmp_path / "run")
    return tmp_path / "run"


def signed(folder):
    """With digests of what is there now, as somebody who means harm would write them."""
    about = json.loads((folder / "run.json").read_text())
    about["parts"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in about["parts"]
                      if (folder / name).exists()}
    (folder / "run.json").write_text(json.dumps(about))
    return folder


def refused(folder, match):
    with pytest.raises(FairkitError, match=match) as error:
        fairkit.load_evaluation(folder)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("name", ["cells.npz", "predictions.parquet"])
@pytest.mark.parametrize("other", ["other", "smaller", "binary"])
def test_parts_of_two_runs_are_no_run(run, saved, name, other):
    shutil.copy(saved / other / name, run / name)
    refused(run, f"'{name}' is not what this folder was written with")
    refused(signed(run), "do not belong together")


@pytest.mark.parametrize("name", ["cells.npz", "predictions.parquet"])
def test_each_part_must_be_there_and_whole(run, name):
    content = (run / name).read_bytes()
    (run / name).unlink()
    refused(run, f"'{name}' of this run is missing")
    for part in (b"", content[:500], content[:-1], content[:200] + bytes([content[200] ^ 1]) + content[201:]):
        (run / name).write_bytes(part)
        refused(run, f"'{name}' is not what this folder was written with")


def with_arrays(folder, **changes):
    """cells.npz with some arrays changed by functions, or about by a function of the dict."""
    with np.load(folder / "cells.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for name, change in changes.items():
        if name == "about":
            about = json.loads(str(arrays["about"]))
            change(about)
            arrays["about"] = np.array(json.dumps(about))
        elif change is None:
            del arrays[name]
        else:
            arrays[name] = change(arrays[name])
    np.savez(folder / "cells.npz", **arrays)
    return signed(folder)


def put(place, value):
    def change(array):
        array = array.copy()
        array[place] = value
        return array

    return change


CELLS = {
    "no scores": ({"score_keys": None}, "incomplete.*no score_keys"),
    "no about": ({"about": lambda about: about.clear()}, "cells cannot be read"),
    "a newer format": ({"about": lambda about: about.update(format=99)}, "newer fairkit.*99"),
    "a format that is none": ({"about": lambda about: about.update(format="x")}, "cells cannot be read"),
    "an atom beyond": ({"keys": put((0, 0), 99)}, "damaged.*keys beyond"),
    "a negative atom": ({"keys": put((0, 0), -1)}, "damaged.*keys beyond"),
    "a class beyond": ({"keys": put((0, 1), 7)}, "damaged.*keys beyond"),
    "a label 7": ({"keys": put((0, 2), 7)}, "damaged.*keys beyond"),
    "a bucket beyond": ({"keys": put((0, 3), 9)}, "damaged.*keys beyond"),
    "a key twice": ({"keys": lambda keys: np.vstack([keys[:-1], keys[:1]])}, "damaged.*keys beyond"),
    "keys of floats": ({"keys": lambda keys: keys.astype(float)}, "damaged.*keys beyond"),
    "a count of NaN": ({"moments": put((0, 0), np.nan)}, "damaged.*counts that are none"),
    "a negative count": ({"moments": put((0, 0), -5)}, "damaged.*counts that are none"),
    "an endless weight": ({"moments": put((0, 1), np.inf)}, "damaged.*counts that are none"),
    "half an example": ({"moments": put((0, 0), 0.5)}, "damaged.*not whole"),
    "one example more": ({"moments": lambda m: m + np.array([1, 0, 0])}, "damaged.*do not add up"),
    "fewer moments": ({"moments": lambda moments: moments[:-1]}, "damaged.*keys beyond"),
    "predictions of a class beyond": ({"confusion_keys": put((0, 2), 1 << 30)}, "damaged.*confusion beyond"),
    "sums of NaN": ({"score_sums": put((0, 0), np.nan)}, "damaged.*counts that are none"),
    "thresholds of 7": ({"thresholds": put(0, 7.0)}, "damaged.*thresholds"),
    "thresholds of NaN": ({"thresholds": put(0, np.nan)}, "damaged.*thresholds"),
    "thresholds that fall": ({"thresholds": lambda t: t[::-1]}, "damaged.*thresholds"),
    "features that are numbers": ({"about": lambda about: about.update(features=[1, 2])}, "damaged.*atoms"),
    "atoms of other features": ({"about": lambda about: about.update(features=["color"])}, "damaged.*atoms"),
    "classes that are texts": ({"about": lambda about: about.update(classes=["a", "b"])}, "damaged.*classes"),
    "classes of a million": ({"about": lambda about: about.update(classes=[1 << 40, 2])}, "damaged.*classes"),
    "no slices": ({"about": lambda about: about.update(specs=5)}, "cannot be read"),
    "other weights": ({"about": lambda about: about.update(weighted=False)}, "do not belong together"),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_that_no_count_gives_are_refused(run, name):
    changes, match = CELLS[name]
    refused(with_arrays(run, **changes), match)


def test_cells_of_chunks_are_checked_as_well(saved, tmp_path):
    shutil.copytree(saved / "chunks", tmp_path / "run")
    pd.testing.assert_frame_equal(fairkit.load_evaluation(tmp_path / "run").frame,
                                  fairkit.load_evaluation(saved / "chunks").frame)
    for change, match in (({"fine_moments": lambda m: m + np.array([1, 0, 0])}, "do not add up"),
                          ({"fine_keys": put((0, 0), -1)}, "fine scores beyond"),
                          ({"about": lambda about: about.update(dropped=99)}, "dropped 99"),
                          ({"fine_keys": None}, "no fine_keys")):
        shutil.rmtree(tmp_path / "run")
        shutil.copytree(saved / "chunks", tmp_path / "run")
        refused(with_arrays(tmp_path / "run", **change), match)


def rewritten(folder, change, mark=None):
    path = folder / "predictions.parquet"
    table = pq.read_table(path)
    metadata = table.schema.metadata if mark is None else {b"fairkit.predictions": mark}
    table = change(table).replace_schema_metadata(metadata)
    pq.write_table(table, path)
    return signed(folder)


def column(name, change):
    def changed(table):
        at = table.schema.get_field_index(name)
        values = table[name].combine_chunks()
        flat = values.flatten() if pa.types.is_fixed_size_list(values.type) else values
        array = np.array(flat.to_numpy(zero_copy_only=False))
        array = change(array)
        made = pa.array(array)
        if pa.types.is_fixed_size_list(values.type):
            made = pa.FixedSizeListArray.from_arrays(made, values.type.list_size)
        return table.set_column(at, name, made)

    return changed


PREDICTIONS = {
    "scores of 7": (column("scores", put(0, 7.0)), "damaged.*7"),
    "scores of NaN": (column("scores", put(0, np.nan)), "damaged.*(NaN|nan)"),
    "a label 7": (column("label", put(0, 7)), "damaged.*7"),
    "a negative weight": (column("weight", put(0, -1.0)), "damaged.*-1"),
    "a weight of NaN": (column("weight", put(0, np.nan)), "damaged"),
    "an id twice": (column("id", put(0, 1)), "damaged.*ids"),
    "labels of text": (column("label", lambda a: a.astype(str)), "damaged|do not belong together"),
    "no labels": (lambda table: table.drop_columns("label"), "damaged.*columns"),
    "no scores": (lambda table: table.drop_columns("scores"), "damaged.*columns"),
    "no groups": (lambda table: table.drop_columns("groups"), "do not belong together"),
    "fewer": (lambda table: table.slice(0, 100), "do not belong together"),
    "other scores": (column("scores", lambda a: a[::-1]), "do not belong together"),
    "other labels": (column("label", lambda a: np.roll(a, 1)), "do not belong together"),
}


@pytest.mark.parametrize("name", PREDICTIONS)
def test_predictions_that_no_model_makes_are_refused(run, name):
    change, match = PREDICTIONS[name]
    refused(rewritten(run, change), match)


@pytest.mark.parametrize("mark, match", [(b'{"format": 99}', "newer fairkit"), (b"[]", "no file of fairkit"),
                                         (b"{", "no file of fairkit"), (b'{"format": null}', "no file of fairkit")])
def test_predictions_of_another_format_are_refused(run, mark, match):
    refused(rewritten(run, lambda table: table, mark), match)


RUN = {
    "no object": ("[]", "run.json cannot be read"),
    "nothing": ("", "run.json cannot be read"),
    "half": ('{"format": 1, "parts": {', "run.json cannot be read"),
    "deep": ("[" * 100_000, "run.json cannot be read"),
    "no format": ("{}", "run.json cannot be read"),
    "format true": ('{"format": true}', "run.json cannot be read"),
    "format 99": ('{"format": 99}', "newer fairkit"),
    "no parts": ('{"format": 1}', "does not say what belongs"),
    "parts elsewhere": ('{"format": 1, "parts": {"../x": "' + "0" * 64 + '"}}', "does not say what belongs"),
    "an absolute part": ('{"format": 1, "parts": {"/x": "' + "0" * 64 + '"}}', "does not say what belongs"),
    "a digest that is none": ('{"format": 1, "parts": {"cells.npz": "x"}}', "does not say what belongs"),
    "a part that it does not name": ('{"format": 1, "parts": {}}', "does not belong to this run"),
}


@pytest.mark.parametrize("name", RUN)
def test_a_run_json_that_says_nothing_is_refused(run, name):
    text, match = RUN[name]
    (run / "run.json").write_text(text)
    refused(run, match)


def bomb(folder, name, header_shape, content):
    """cells.npz with an array whose header claims a shape."""
    with zipfile.ZipFile(folder / "cells.npz") as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": header_shape})
    parts[f"{name}.npy"] = header.getvalue() + content
    with zipfile.ZipFile(folder / "cells.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for member, part in parts.items():
            archive.writestr(member, part)
    return signed(folder)


def test_a_small_file_takes_little_memory(run):
    small = (run / "cells.npz").read_bytes()
    bomb(run, "unknown", (1 << 25,), bytes(1 << 28))   # an array that nobody asks for
    tracemalloc.start()
    fairkit.load_evaluation(run)
    assert tracemalloc.get_traced_memory()[1] < 1 << 25
    (run / "cells.npz").write_bytes(small)
    bomb(run, "moments", (1 << 40, 3), bytes(100))   # a header that claims what is not there
    refused(run, "cells cannot be read")
    assert tracemalloc.get_traced_memory()[1] < 1 << 25
    tracemalloc.stop()


def test_cells_that_do_not_fit_into_memory_are_refused_before_it_is_taken(run, monkeypatch):
    from fairkit.evaluation import cells_file

    monkeypatch.setattr(cells_file, "free_memory", lambda: 1000)
    refused(run, "too large for the memory of this machine")


def test_nothing_is_unpickled(run, tmp_path):
    class Bomb:
        def __reduce__(self):
            return exec, (f"open({str(tmp_path / 'exploded')!r}, 'w')",)

    pickled = io.BytesIO()
    np.lib.format.write_array(pickled, np.array([Bomb()], object), allow_pickle=True)
    with zipfile.ZipFile(run / "cells.npz") as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}
    with zipfile.ZipFile(run / "cells.npz", "w") as archive:
        for member, part in {**parts, "values.npy": pickled.getvalue()}.items():
            archive.writestr(member, part)
    signed(run)
    refused(run, "cells cannot be read")
    assert not (tmp_path / "exploded").exists()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, 10**9), bit=st.integers(0, 7), name=st.sampled_from(["cells.npz", "predictions.parquet"]))
def test_a_flipped_bit_is_found_by_its_digest_and_else_leaves_the_numbers_or_is_refused(saved, tmp_path, at, bit, name):
    folder = tmp_path / "flipped"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(saved / "run", folder)
    content = bytearray((folder / name).read_bytes())
    content[at % len(content)] ^= 1 << bit
    (folder / name).write_bytes(content)
    refused(folder, "is not what this folder was written with")
    try:
        evaluation = fairkit.load_evaluation(signed(folder))
    except FairkitError:
        return
    assert evaluation.frame["value"].dropna().between(-1e9, 1e9).all()


def test_headers_that_are_no_headers(run):
    with zipfile.ZipFile(run / "cells.npz") as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}
    for start in (b"", b"\x93NUMPY", b"\x93NUMPY\x03\x00" + struct.pack("<I", 1 << 31), b"PK\x03\x04",
                  b"\x93NUMPY\x09\x09"):
        parts["keys.npy"] = start
        with zipfile.ZipFile(run / "cells.npz", "w") as archive:
            for member, part in parts.items():
                archive.writestr(member, part)
        refused(signed(run), "cells cannot be read")
