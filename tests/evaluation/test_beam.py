"""Cells counted by Apache Beam against those counted in process, on three of its runners."""

import itertools
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.io.filesystem import FileMetadata
from apache_beam.io.localfilesystem import LocalFileSystem
from apache_beam.ml.inference.base import RunInference
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.evaluation import read_predictions
from fairkit.evaluation.beam import CountCells, KerasScores, ReadPredictions, evaluate_on_beam
from fairkit.evaluation.beam.__main__ import main, parser
from fairkit.evaluation.beam.counting import CellsCoder, PredictionsCoder, SumChunks
from fairkit.evaluation.chunk_counts import ChunkCounts
from fairkit.evaluation.pipelines import pipeline_options
from fairkit.evaluation.predictions_file import save_predictions
from fairkit.evaluation.reading.columns import Columns
from fairkit.quiet import keras, tf

THRESHOLDS = [0.1, 0.25, 0.5]
SLICES = ["gender", ("religion", "gender"), {"religion": ["muslim", "jewish"]}, {"age": fairkit.bins(18, 65)}]
RELIGIONS = [(), ("christian",), ("muslim",), ("christian", "muslim"), ("jewish", "muslim", "none")]
N = 240


def drawn(seed=0, weighted=True, classes=None):
    rng = np.random.default_rng(seed)
    scores = rng.random(N) if classes is None else rng.dirichlet(np.ones(classes), N)
    return {
        "label": rng.integers(0, classes or 2, N),
        "scores": scores.astype(np.float32).astype(np.float64),
        "gender": [[None, "female", "male"][k] for k in rng.integers(0, 3, N)],
        "religion": [RELIGIONS[k] for k in rng.integers(0, len(RELIGIONS), N)],
        "age": rng.integers(10, 90, N),
        **({"weight": rng.random(N).astype(np.float32).astype(np.float64)} if weighted else {}),
    }


def predictions_of(columns, rows=slice(None)):
    examples = fairkit.Examples(labels=columns["label"][rows],
                                groups={name: columns[name][rows] for name in ("gender", "religion", "age")},
                                weights=columns["weight"][rows] if "weight" in columns else None)
    return fairkit.predict(columns["scores"][rows], examples)


def in_memory(columns):
    return fairkit.evaluate(predictions_of(columns), slices=SLICES, thresholds=THRESHOLDS)


def arrow(columns):
    return pa.table({name: list(column) if name == "scores" else column for name, column in columns.items()})


def example(row):
    features = {}
    for name, cell in row.items():
        values = [] if cell is None else np.atleast_1d(cell).tolist()
        kind = type(values[0]) if values else None
        features[name] = tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[v.encode() for v in values]) if kind is str else None,
            float_list=tf.train.FloatList(value=values) if kind is float else None,
            int64_list=tf.train.Int64List(value=values) if kind is int else None)
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def written(columns, folder, kind, shards=3):
    """The rows dealt out to files, of Parquet in row groups of 20."""
    for shard in range(shards):
        rows = {name: column[shard::shards] for name, column in columns.items()}
        path = folder / f"part-{shard}.{kind}"
        if kind == "parquet":
            pq.write_table(arrow(rows), path, row_group_size=20)
        else:
            with tf.io.TFRecordWriter(str(path)) as writer:
                for i in range(len(rows["label"])):
                    writer.write(example({name: column[i] for name, column in rows.items()}))
    return folder


def table_of(cells):
    """dict of (texts of the atom, class, label, bucket) -> sums."""
    return {(cells.atoms.cells[atom], cells.classes[class_], *rest): sums for (atom, class_, *rest), sums
            in zip(cells.keys.tolist(), cells.moments.tolist(), strict=True)}


def fine_of(cells):
    """dict of (score bucket, class, texts of the atom, label) -> sums."""
    return {(bucket, class_, cells.atoms.cells[atom], label): sums for (bucket, class_, atom, label), sums
            in zip(cells.fine.keys.tolist(), cells.fine.moments.tolist(), strict=True)}


def assert_same(cells, expected, exact):
    found, wanted = table_of(cells), table_of(expected)
    assert found.keys() == wanted.keys()
    if exact:
        assert found == wanted
    np.testing.assert_allclose([found[key] for key in wanted], list(wanted.values()), rtol=1e-12)


@pytest.fixture(scope="module")
def columns():
    return drawn()


@pytest.fixture(scope="module")
def files(columns, tmp_path_factory):
    """dict of kind -> folder of three files."""
    return {kind: written(columns, tmp_path_factory.mktemp(kind), kind) for kind in ("parquet", "tfrecord")}


@pytest.fixture(scope="module")
def job_service(tmp_path_factory):
    """The address of Beam's own portable job service, in a process of its own on this machine."""
    port = tmp_path_factory.mktemp("jobs") / "port"
    command = [sys.executable, "-m", "apache_beam.runners.portability.local_job_service_main", "--port_file", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if port.exists() and port.read_text():
                break
            time.sleep(0.1)
        yield f"localhost:{port.read_text()}"
    finally:
        server.terminate()
        server.wait(30)


TWO_PROCESSES = ["--runner=DirectRunner", "--direct_num_workers=2", "--direct_running_mode=multi_processing"]


def portable(job_service):
    return ["--runner=PortableRunner", f"--job_endpoint={job_service}", "--environment_type=LOOPBACK"]


@pytest.mark.parametrize("kind", ["parquet", "tfrecord"])
def test_in_process_the_evaluation_is_that_of_the_examples_in_memory(kind, files, columns):
    whole = in_memory(columns)
    found = evaluate_on_beam(files[kind], SLICES, THRESHOLDS, weight="weight")
    assert_same(found.cells, whole.cells, exact=False)
    assert found.weighted and found.keys == whole.keys and found.slices == whole.slices
    shown = ["slice", "metric", "threshold", "examples"]
    assert found.frame[shown].equals(whole.frame[shown])
    rates = ~whole.frame["metric"].isin(["auc"])
    np.testing.assert_allclose(found.frame["value"][rates], whole.frame["value"][rates], rtol=1e-12)


class _Marked(beam.PTransform):
    """ReadPredictions that leaves a file named after each process that it ran in."""

    def __init__(self, path, marks):
        super().__init__()
        self.path, self.marks = path, str(marks)

    def expand(self, begin):
        def mark(predictions, folder):
            import os
            import pathlib

            (pathlib.Path(folder) / str(os.getpid())).touch()
            return predictions

        return begin | ReadPredictions(self.path, groups=["gender", "religion", "age"]) | beam.Map(mark, self.marks)


def test_two_worker_processes_count_the_same(files, columns, tmp_path):
    expected = in_memory({name: column for name, column in columns.items() if name != "weight"})
    found = evaluate_on_beam(_Marked(files["parquet"], tmp_path), SLICES, THRESHOLDS, options=TWO_PROCESSES)
    assert_same(found.cells, expected.cells, exact=True)
    workers = {int(path.name) for path in tmp_path.iterdir()}
    assert len(workers) == 2 and os.getpid() not in workers


@pytest.mark.parametrize("kind", ["parquet", "tfrecord"])
def test_a_portable_runner_counts_the_same(kind, files, columns, job_service, tmp_path):
    found = evaluate_on_beam(files[kind], SLICES, THRESHOLDS, weight="weight", options=portable(job_service),
                             output=tmp_path / "out")
    assert_same(found.cells, in_memory(columns).cells, exact=False)
    stored = fairkit.load_evaluation(tmp_path / "out")
    assert_same(stored.cells, found.cells, exact=True)
    assert not list((tmp_path / "out").glob("cells-*"))


def test_fairkits_own_file_needs_no_names(columns, tmp_path):
    save_predictions(predictions_of(columns), tmp_path / "predictions.parquet")
    found = evaluate_on_beam(tmp_path / "predictions.parquet", SLICES, THRESHOLDS)
    assert found.weighted
    assert_same(found.cells, in_memory(columns).cells, exact=False)


def rows_of(columns):
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize("kind", ["predictions", "dicts", "tables", "batches"])
@pytest.mark.parametrize("classes", [None, 3])
def test_cells_of_elements_of_any_kind(kind, classes, tmp_path):
    columns = drawn(weighted=False, classes=classes)
    parts = [slice(start, start + 50) for start in range(0, N, 50)]
    elements = {
        "predictions": lambda: [predictions_of(columns, part) for part in parts],
        "dicts": lambda: rows_of(columns),
        "tables": lambda: [arrow(columns).slice(part.start, 50) for part in parts],
        "batches": lambda: arrow(columns).to_batches(max_chunksize=50),
    }[kind]()
    target = str(tmp_path / "cells")
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        cells = pipeline | beam.Create(elements) | CountCells(SLICES, THRESHOLDS)
        _ = cells | beam.Map(lambda found: Path(target).write_bytes(CellsCoder().encode(found)))
    found = CellsCoder().decode(Path(target).read_bytes())
    assert_same(found, in_memory(columns).cells, exact=True)
    assert np.array_equal(found.confusion_moments.sum(axis=0), in_memory(columns).cells.confusion_moments.sum(axis=0))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, N), max_size=12), weighted=st.booleans(),
       order=st.randoms(use_true_random=False))
def test_the_sums_do_not_depend_on_how_the_examples_are_spread(seed, cuts, weighted, order):
    columns = drawn(seed, weighted)
    edges = sorted({0, N, *cuts})
    chunks = [predictions_of(columns, slice(*edge)) for edge in itertools.pairwise(edges)]
    combine = SumChunks(SLICES, THRESHOLDS, None, Columns())
    fn = combine.combine_fn()
    coder = fn.get_accumulator_coder()
    sums = [fn.add_input(fn.create_accumulator(), chunk) for chunk in chunks]
    while len(sums) > 1:
        order.shuffle(sums)
        taken = [coder.decode(coder.encode(sums.pop())) for _ in range(order.randint(1, len(sums)))]
        sums.append(fn.merge_accumulators(taken))
    assert_same(sums[0].cells, in_memory(columns).cells, exact=not weighted)
    whole = ChunkCounts(SLICES, THRESHOLDS)
    whole.add(predictions_of(columns))
    found, expected = fine_of(sums[0].cells), fine_of(whole.cells)
    assert found.keys() == expected.keys()
    np.testing.assert_allclose([found[key] for key in expected], list(expected.values()), rtol=1e-12)


def test_coders_give_back_what_they_are_given(columns):
    predictions = predictions_of(drawn(classes=3))
    back = PredictionsCoder().decode(PredictionsCoder().encode(predictions))
    assert np.array_equal(back.scores, predictions.scores) and np.array_equal(back.weights, predictions.weights)
    assert back.groups["religion"].to_list() == predictions.groups["religion"].to_list()
    counts = ChunkCounts(SLICES, THRESHOLDS)
    counts.add(predictions_of(columns))
    cells = CellsCoder().decode(CellsCoder().encode(counts.cells))
    for name in ("keys", "moments", "score_keys", "score_sums", "thresholds"):
        assert np.array_equal(getattr(cells, name), getattr(counts.cells, name)), name
    assert np.array_equal(cells.fine.keys, counts.cells.fine.keys) and cells.atoms == counts.cells.atoms


@pytest.fixture(scope="module")
def image_model(tmp_path_factory):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((2, 2, 1), name="pixels"), keras.layers.Flatten(), keras.layers.Dense(3),
                              keras.layers.Softmax()])
    path = tmp_path_factory.mktemp("model") / "model.keras"
    fairkit.models.save(model, path)
    return model, path


def test_a_keras_model_predicts_on_the_way(image_model, tmp_path):
    model, path = image_model
    columns = drawn(weighted=False, classes=3)
    pixels = np.random.default_rng(5).random((N, 4)).astype(np.float32)
    written({**columns, "pixels": list(pixels)}, tmp_path, "parquet")
    examples = fairkit.Examples(labels=columns["label"], inputs=pixels.reshape(-1, 2, 2, 1),
                                groups={name: columns[name] for name in ("gender", "religion", "age")})
    expected = fairkit.evaluate(model, examples, SLICES, THRESHOLDS)
    found = evaluate_on_beam(tmp_path, SLICES, THRESHOLDS, model=path, inputs="pixels")
    assert_same(found.cells, expected.cells, exact=True)
    assert found.value("accuracy") == expected.value("accuracy")


def test_a_keras_model_predicts_on_tables_from_beams_own_reader(image_model, tmp_path):
    _, path = image_model
    columns = {**drawn(weighted=False, classes=3), "pixels": list(np.random.default_rng(5).random((N, 4)))}
    written(columns, tmp_path, "parquet")
    scores = KerasScores(path, "pixels", groups=["gender", "religion", "age"])
    source = beam.io.ReadFromParquetBatched(str(tmp_path / "*")) | RunInference(scores)
    assert_same(evaluate_on_beam(source, SLICES, THRESHOLDS).cells,
                evaluate_on_beam(tmp_path, SLICES, THRESHOLDS, model=path, inputs="pixels").cells, exact=True)


def test_a_saved_model_with_texts_and_numbers_predicts_on_tf_examples(tmp_path):
    texts, length = keras.Input((), name="text", dtype="string"), keras.Input((1,), name="length")
    words = keras.layers.TextVectorization(max_tokens=10, output_mode="multi_hot", vocabulary=["good", "bad"])(texts)
    model = keras.Model([texts, length], keras.layers.Dense(1, "sigmoid")(keras.layers.Concatenate()([words, length])))
    fairkit.models.export(model, tmp_path / "exported")
    rng = np.random.default_rng(1)
    columns = {"label": rng.integers(0, 2, N), "gender": [["female", "male"][k] for k in rng.integers(0, 2, N)],
               "text": [["good day", "bad day", "day"][k] for k in rng.integers(0, 3, N)], "length": rng.random(N)}
    (tmp_path / "data").mkdir()
    written(columns, tmp_path / "data", "tfrecord")
    examples = fairkit.Examples(labels=columns["label"], groups={"gender": columns["gender"]},
                                inputs={name: np.array(columns[name]) for name in ("text", "length")})
    expected = fairkit.evaluate(tmp_path / "exported", examples, ["gender"], THRESHOLDS)
    found = evaluate_on_beam(tmp_path / "data", ["gender"], THRESHOLDS, model=tmp_path / "exported",
                             inputs=["text", "length"])
    assert_same(found.cells, expected.cells, exact=True)


class Elsewhere(LocalFileSystem):
    """A filesystem that is not the local one: what an object store looks like to Beam, kept in a folder."""

    root = None

    @classmethod
    def scheme(cls):
        return "elsewhere"

    def local(self, path):
        return str(Path(self.root, path.removeprefix("elsewhere://")))

    def split(self, path):
        return tuple(path.rpartition("/")[::2])

    def has_dirs(self):
        return False

    def _list(self, prefix):
        for path in sorted(Path(self.root).rglob("*")):
            name = f"elsewhere://{path.relative_to(self.root).as_posix()}"
            if path.is_file() and name.startswith(prefix):
                yield FileMetadata(name, path.stat().st_size)

    def metadata(self, path):
        return FileMetadata(path, Path(self.local(path)).stat().st_size)

    def create(self, path, *args, **kwargs):
        Path(self.local(path)).parent.mkdir(parents=True, exist_ok=True)
        return super().create(self.local(path), *args, **kwargs)

    def open(self, path, *args, **kwargs):
        return super().open(self.local(path), *args, **kwargs)

    def exists(self, path):
        return Path(self.local(path)).is_file()

    def delete(self, paths):
        return super().delete([self.local(path) for path in paths])


@pytest.mark.parametrize("exported", [False, True])
def test_data_model_and_output_may_lie_elsewhere(exported, image_model, tmp_path, monkeypatch):
    monkeypatch.setattr(Elsewhere, "root", tmp_path)
    model, path = image_model
    place = "models/exported" if exported else "models/model.keras"
    if exported:
        fairkit.models.export(model, tmp_path / place)
    else:
        (tmp_path / "models").mkdir()
        (tmp_path / place).write_bytes(path.read_bytes())
    columns = {**drawn(classes=3), "pixels": list(np.random.default_rng(5).random((N, 4)))}
    (tmp_path / "data").mkdir()
    written(columns, tmp_path / "data", "parquet")
    (tmp_path / "data" / "_SUCCESS").touch()
    asked = {"slices": SLICES, "thresholds": THRESHOLDS, "model": f"elsewhere://{place}", "inputs": "pixels"}
    found = evaluate_on_beam("elsewhere://data", output="elsewhere://runs/nightly", **asked)
    here = evaluate_on_beam(tmp_path / "data" / "*.parquet", **{**asked, "model": tmp_path / place})
    assert_same(found.cells, here.cells, exact=True)
    assert_same(fairkit.load_evaluation(tmp_path / "runs" / "nightly").cells, here.cells, exact=True)
    assert not list((tmp_path / "runs" / "nightly").glob("cells-*"))
    with pytest.raises(fairkit.FairkitError, match="there are no predictions at 'elsewhere://nothing'"):
        evaluate_on_beam("elsewhere://nothing")
    with pytest.raises(fairkit.FairkitError, match="there is no model 'elsewhere://no.keras'"):
        evaluate_on_beam("elsewhere://data", **{**asked, "model": "elsewhere://no.keras"})
    with pytest.raises(fairkit.FairkitError, match="Beam has no filesystem 'nowhere'"):
        evaluate_on_beam("nowhere://data")


def test_what_cannot_be_counted_is_refused_in_one_line(files, tmp_path):
    for asked, message in (
            ({"metrics": ["recal"]}, "no metric 'recal'.*'recall'"),
            ({"slices": ["gendr"]}, "has no column 'gendr'.*'gender'"),
            ({"scores": "score"}, "has no column 'score'.*'scores'"),
            ({"slices": [{"gender": "mael"}]}, "no example has gender = 'mael'"),
            ({"slices": [{"age": fairkit.quantiles(4)}]}, "quantiles need all examples"),
            ({"scores": "age"}, "a score in column 'age' is not in .* of '.*part-.*parquet'"),
            ({"classes": [1]}, "classes are for models with several outputs"),
            ({"model": tmp_path / "no.keras", "inputs": "age"}, "there is no model"),
            ({"model": tmp_path / "no.keras"}, "a model is fed columns"),
            ({"options": ["--direct_num_worker=2"]}, "Beam has no pipeline option --direct_num_worker.*workers"),
            ({"options": ["--direct_num_workers=two"]}, "Beam does not take these pipeline options")):
        with pytest.raises(fairkit.FairkitError, match=message) as raised:
            evaluate_on_beam(files["parquet"], **asked)
        assert "\n" not in str(raised.value)
    with pytest.raises(fairkit.FairkitError, match="no such file"):
        evaluate_on_beam(tmp_path / "nothing")
    with pytest.raises(fairkit.FairkitError, match="an example has no 'gender'"):
        evaluate_on_beam(beam.Create([{"label": 1, "scores": 0.5, "gendre": "male"}]), ["gender"])
    with pytest.raises(fairkit.FairkitError, match="there are no examples"):
        evaluate_on_beam(beam.Create([]))
    with pytest.raises(fairkit.FairkitError, match="cannot be counted.*int"):
        evaluate_on_beam(beam.Create([1]))


def test_weights_in_some_chunks_only_are_refused(columns):
    chunks = [predictions_of(columns), predictions_of(drawn(weighted=False))]
    with pytest.raises(fairkit.FairkitError, match="some chunks have weights and some have none"):
        evaluate_on_beam(beam.Create(chunks), ["gender"])


def test_the_command_writes_an_evaluation(files, columns, tmp_path, capsys):
    main(["--input", str(files["parquet"]), "--slices", "gender", "religion,gender", "--thresholds", "0.25", "0.5",
          "--weight", "weight", "--output", str(tmp_path / "run"), "--runner", "DirectRunner",
          "--direct_num_workers=1"])
    said = capsys.readouterr().out
    assert "gender:female" in said and f"written to {tmp_path / 'run'}" in said
    chunks = read_predictions(files["parquet"], weight="weight")
    expected = fairkit.evaluate(chunks, slices=["gender", ("religion", "gender")], thresholds=[0.25, 0.5])
    assert_same(fairkit.load_evaluation(tmp_path / "run").cells, expected.cells, exact=False)


def test_the_command_says_what_is_wrong_in_one_line(files, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--input", str(files["parquet"]), "--slices", "gendr"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("fairkit: ") and len(capsys.readouterr().err.splitlines()) <= 1


def test_the_command_explains_itself():
    shown = subprocess.run([sys.executable, "-m", "fairkit.evaluation.beam", "--help"], capture_output=True, text=True,
                           check=True)
    assert "--input" in shown.stdout and "Beam's" in shown.stdout and not shown.stderr


def test_the_commands_of_the_docs_are_real():
    text = (Path(__file__).parents[2] / "docs" / "beam.md").read_text("utf-8").replace("\\\n", " ")
    commands = [line for line in text.splitlines() if line.startswith("python -m fairkit.evaluation.beam ")]
    assert len(commands) >= 5
    for command in commands:
        asked, options = parser().parse_known_args(shlex.split(command)[3:])
        assert asked.input and asked.output and not any("{" in option for option in options)
        options = pipeline_options(options)
        assert options.get_all_options(retain_unknown_options=True).keys() == options.get_all_options().keys(), command


def test_beam_is_not_imported_before_it_is_asked_for():
    code = "import sys, fairkit, fairkit.evaluation.beam, fairkit.evaluation.evaluating as e; e.evaluate\n" \
           "print(sorted({'apache_beam', 'tensorflow'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_columns_are_fed_in_their_order_and_an_output_is_named(tmp_path):
    first, second = keras.Input((1,)), keras.Input((1,))
    scored = keras.layers.Activation("sigmoid")
    model = keras.Model([first, second], {"tox": scored(first - 2 * second), "len": second})
    fairkit.models.save(model, tmp_path / "model.keras")
    a, b = np.random.default_rng(0).normal(size=(2, 9))
    table = pa.table({"z": a, "y": b, "label": np.arange(9) % 2})
    scores = KerasScores(tmp_path / "model.keras", inputs=["z", "y"], model_output="tox")
    (found,) = scores.run_inference([table], scores.load_model())
    assert found.scores == pytest.approx(1 / (1 + np.exp(2 * b - a)), abs=1e-6)
    with pytest.raises(fairkit.FairkitError, match="several outputs.*model_output= one of 'tox', 'len'"):
        list(KerasScores(tmp_path / "model.keras", inputs=["z", "y"]).run_inference([table], scores.load_model()))
    with pytest.raises(fairkit.FairkitError, match="model_output names an output of a model, and there is none"):
        evaluate_on_beam(str(tmp_path), model_output="tox")


@pytest.mark.parametrize("kind", ["parquet", "tfrecord"])
def test_missing_inputs_are_refused_or_kept_as_examples_do(kind, tmp_path, capsys):
    given = keras.Input((1,), name="age")
    seen = keras.layers.Lambda(lambda age: keras.ops.where(keras.ops.isnan(age), 0.9, 0.2), output_shape=(1,))(given)
    fairkit.models.export(keras.Model(given, seen), tmp_path / "exported")
    (tmp_path / "data").mkdir()
    nothing = None if kind == "parquet" else float("nan")
    columns = {"label": [0, 1, 0, 1], "age": [1.0, nothing, 3.0, float("nan")], "g": list("abab")}
    written(columns, tmp_path / "data", kind)
    asked = (tmp_path / "data", ["g"], [0.5])
    with pytest.raises(fairkit.FairkitError, match="an input is missing.*missing_inputs='keep'.*nothing in row "):
        evaluate_on_beam(*asked, model=tmp_path / "exported", inputs="age")
    kept = evaluate_on_beam(*asked, model=tmp_path / "exported", inputs="age", missing_inputs="keep")
    examples = fairkit.Examples(labels=columns["label"], groups={"g": columns["g"]}, inputs=columns["age"],
                                missing_inputs="keep")
    assert_same(kept.cells, fairkit.evaluate(tmp_path / "exported", examples, ["g"], [0.5]).cells, exact=True)
    assert kept.value("true_positive_rate", threshold=0.5) == 1
    with pytest.raises(fairkit.FairkitError, match="no such way with missing inputs.*'keep'"):
        evaluate_on_beam(*asked, model=tmp_path / "exported", inputs="age", missing_inputs="kept")
    with pytest.raises(fairkit.FairkitError, match="from_logits is for what a model gives.*model= and inputs="):
        evaluate_on_beam(*asked, scores="age", from_logits=True)
    command = ["--input", str(tmp_path / "data"), "--model", str(tmp_path / "exported"), "--inputs", "age",
               "--thresholds", "0.5"]
    with pytest.raises(SystemExit, match="^2$"):
        main(command)
    assert "or --missing-inputs keep, which" in capsys.readouterr().err
    main([*command, "--missing-inputs", "keep"])
    assert "accuracy: 1.0000" in capsys.readouterr().out
