"""Arguments of training out of files: sweep.json, --methods and run.json import nothing and run nothing."""

import json
import sys

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairkit import FairkitError
from fairkit.remediation import GaussianKernel, MMDLoss, PairwiseMSELoss, load_sweep
from fairkit.remediation.sweeps.options import NotPlain, from_plain, modules_of_options, to_plain

SPY = "import pathlib\npathlib.Path({!r}).touch()\nclass Loss:\n    pass\n"
DENSE = keras.saving.serialize_keras_object(keras.layers.Dense(1))
LAMBDA = {"class_name": "__lambda__", "config": {"value": "4wEAAAAAAAAA", "defaults": None, "closure": None}}


@pytest.fixture
def spied(tmp_path, monkeypatch):
    """A module on the path that leaves a file when it is imported."""
    (tmp_path / "spying_module.py").write_text(SPY.format(str(tmp_path / "imported")))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "imported"
    sys.modules.pop("spying_module", None)


def of(module, name, config=None):
    return {"module": module, "class_name": name, "config": config or {}, "registered_name": f"{module}>{name}"}


HOSTILE = {
    "a module by the old mark": {"$keras": {"module": "spying_module", "object": of("spying_module", "Loss")}},
    "a module's loss": {"$loss": of("spying_module", "Loss")},
    "a module's kernel": {"$kernel": of("spying_module", "Loss")},
    "a module's counterfactual loss": {"$counterfactual_loss": of("spying_module", "Loss")},
    "a transform of a module": {"$loss": {**of("fairkit.remediation.min_diff_losses", "MMDLoss", {
        "predictions_transform": of("spying_module", "Loss")}), "registered_name": "fairkit>MMDLoss"}},
    "bytes for TFMR to unpickle": {"$loss": {**of("fairkit.remediation.min_diff_losses", "MMDLoss", {
        "predictions_transform": {"class_name": "__bytes__", "config": {"value": "gAR9lC4="}}}),
        "registered_name": "fairkit>MMDLoss"}},
    "a lambda": {"$loss": {**of("fairkit.remediation.min_diff_losses", "MMDLoss", {"predictions_transform": LAMBDA}),
                           "registered_name": "fairkit>MMDLoss"}},
    "a layer": {"$loss": DENSE},
    "a layer as a kernel": {"$kernel": DENSE},
    "a lambda layer": {"$kernel": {"module": "keras.layers", "class_name": "Lambda", "config": {"function": LAMBDA}}},
    "a program": {"$loss": of("subprocess", "Popen", {"args": ["touch", "imported"]})},
    "an unknown mark": {"$eval": "1 + 1"},
    "two marks": {"$only": ["a"], "$bins": [[1], 2]},
    "a mark beside keys": {"$only": ["a"], "loss": "mmd"},
    "numbers as a loss": {"$loss": 3},
    "items that are none": {"$items": [1, 2]},
    "bins that are none": {"$bins": "abc"},
    "only of a number": {"$only": 3},
    "a dict as a value of only": {"$only": [{"a": []}]},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arguments_run_nothing_and_are_refused(name, spied):
    with pytest.raises(FairkitError):
        from_plain({"loss_weight": 1.0, "loss": HOSTILE[name]})
    assert not spied.exists() and "spying_module" not in sys.modules


@pytest.mark.parametrize("name", HOSTILE)
def test_methods_and_sweeps_refuse_them_too(name, spied, tmp_path):
    from fairkit.cli.sweep import _read_methods

    (tmp_path / "methods.json").write_text(json.dumps({"mine": {"loss": HOSTILE[name]}}))
    with pytest.raises(FairkitError):
        _read_methods(str(tmp_path / "methods.json"))
    sweep = tmp_path / "sweep"
    sweep.mkdir()
    (sweep / "sweep.json").write_text(json.dumps({
        "format": 1, "seeds": [0], "gap": {"slices": ["g"]}, "trainings": {}, "candidates": [
            {"name": "mine", "training": "mine", "options": {"loss": HOSTILE[name]}, "group_thresholds": None}]}))
    with pytest.raises(FairkitError):
        load_sweep(sweep)
    assert not spied.exists() and "spying_module" not in sys.modules


def test_deep_nesting_is_refused():
    plain = []
    for _ in range(1000):
        plain = [plain]
    with pytest.raises(FairkitError, match="nested too deeply"):
        from_plain(plain)


ANY = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                   lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                       st.sampled_from(["$only", "$bins", "$items", "$loss", "$kernel", "$counterfactual_loss",
                                        "$object", "class_name", "config", "module", "registered_name", "a"]),
                       inner, max_size=3), max_leaves=12)


@given(ANY)
def test_whatever_a_file_holds_is_read_or_refused(plain):
    try:
        from_plain(plain)
    except FairkitError as error:
        assert str(error)


@pytest.mark.parametrize("part", [MMDLoss("laplacian", kernel_length="median"), GaussianKernel(0.5), PairwiseMSELoss()])
def test_what_fairkit_has_comes_back(part):
    back = from_plain(json.loads(json.dumps(to_plain({"part": part}))))["part"]
    assert type(back) is type(part)
    plain = [json.dumps(to_plain(one), sort_keys=True) for one in (back, part)]
    assert plain[0] == plain[1] and modules_of_options({"part": part}) == set()


@pytest.mark.parametrize("part", [keras.layers.Dense(1), keras.optimizers.Adam(), keras.losses.MeanSquaredError()])
def test_other_objects_of_keras_are_no_plain_arguments(part):
    with pytest.raises(NotPlain):
        to_plain({"part": part})
