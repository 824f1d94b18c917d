"""Sweeps with real trainings in real processes: the same numbers however they run, and failures that stay their own."""

import json
import os
import shutil

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.quiet import keras
from fairkit.remediation.sweeps.sweeping import load_sweep, sweep

pytestmark = pytest.mark.once


def dots(n=2400, seed=0):
    """Examples of two numbers, whose label the colour hints at."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    color = np.where(rng.random(n) < 0.15 + 0.7 * labels, "orange", "blue")
    inputs = np.stack([labels + rng.normal(0, 1, n), color == "orange"], axis=1).astype("float32")
    return fairkit.Examples(inputs=inputs, labels=labels, groups={"color": color})


def network():
    """A small classifier with Dropout, and compile settings of its own."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2),
                              keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    return model


ASKED = {"slices": ["color"], "sensitive": {"color": "orange"}, "loss_weights": [4], "epochs": 2, "batch_size": 32,
         "methods": {"weights": {"reweight": "color"}, "broken": {"balance": "colour"},
                     "thresholds": {"group_thresholds": {"by": "color", "min_examples": 10}}}}


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def swept(model, tmp_path_factory):
    """The sweep in two processes at a time."""
    return sweep(model, dots(), **ASKED, seeds=[0, 1], jobs=2, folder=tmp_path_factory.mktemp("sweeps") / "two")


def same_rows(first, second):
    return first.rows.drop(columns="seconds").equals(second.rows.drop(columns="seconds"))


def test_all_candidates_are_measured_with_all_seeds(swept):
    table = swept.table.set_index("candidate")
    assert table.index.tolist() == ["control", "loss_weight=4", "weights", "broken", "thresholds"]
    assert table["seeds"].tolist() == [2, 2, 2, 0, 2]
    assert table.loc["control", "gap"] > 0.1 > table.loc["thresholds", "gap"]
    assert (table.loc["control", ["auc_change", "auc_change_lower", "auc_change_upper"]] == 0).all()
    assert swept.front()["candidate"].isin(["control", "loss_weight=4", "weights", "thresholds"]).all()


def test_a_candidate_that_fails_is_in_the_table_with_its_error(swept):
    row = swept.table.set_index("candidate").loc["broken"]
    assert (row["failed"], row["seeds"]) == (2, 0)
    assert row["note"].startswith("seeds 0, 1: no group column 'colour' to balance by. Expected: 'color' (the nearest)")
    assert "broken" in swept.choose(max_gap=1).not_judged and "broken: seeds 0, 1" in str(swept)
    assert load_sweep(swept.folder).table.equals(swept.table)   # errors included


def test_the_numbers_do_not_depend_on_the_number_of_processes(model, swept):
    again = sweep(network(), dots(), **ASKED, seeds=[0, 1], jobs=1)   # the layers' names differ, too
    assert same_rows(swept, again)
    assert again.folder.is_dir()


def test_what_is_there_is_not_trained_again_and_more_may_be_added(model, swept, tmp_path):
    folder = shutil.copytree(swept.folder, tmp_path / "copy")
    place = folder / "runs" / "control" / "seed-0" / "model.keras"
    before = place.stat().st_mtime_ns
    more = sweep(model, dots(), **{**ASKED, "loss_weights": [4, 8], "methods": {}}, seeds=[1, 0, 2], jobs=2,
                 folder=folder, threshold=0.4)
    assert place.stat().st_mtime_ns == before
    assert more.table["candidate"].tolist() == ["control", "loss_weight=4", "loss_weight=8"]
    assert more.rows["seed"].tolist() == [1, 0, 2] * 3 and (more.table["seeds"] == 3).all()
    measured = swept.measured(threshold=0.4)
    assert measured.rows.query("candidate == 'control' and seed == 0")["gap"].item() == \
        more.rows.query("candidate == 'control' and seed == 0")["gap"].item()
    with pytest.raises(FairkitError, match="a gap has no 'thresholds'. Expected: 'threshold' "):
        swept.measured(thresholds=0.4)


@pytest.mark.parametrize(("change", "message"), [
    ({"epochs": 3}, "'control': epochs is 2 there, 3 now"),
    ({"sensitive": {"color": "blue"}}, "'loss_weight=4': sensitive is {\"color\": \"orange\"} there"),
    ({"methods": {"weights": {"reweight": "label"}}}, "'weights': reweight is \"color\" there, \"label\" now"),
    ({"validation_share": 0.5}, "train examples are others (1,800 there, 1,200 now)"),
    ({"split_seed": 1}, "validation examples are others (600 there, 600 now)"),
    ({"threads": 2}, "threads=1 there, 2 now")])
def test_a_changed_request_is_refused_with_what_changed(model, swept, change, message):
    with pytest.raises(FairkitError) as refused:
        sweep(model, dots(), **{**ASKED, **change}, seeds=[0, 1], folder=swept.folder)
    assert "this folder holds another sweep" in str(refused.value) and message in str(refused.value)


def test_another_model_or_a_builder_is_refused(swept):
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    with pytest.raises(FairkitError, match="the model is another one"):
        sweep(other, dots(), **ASKED, seeds=[0, 1], folder=swept.folder)
    with pytest.raises(FairkitError, match="a model there, a builder now"):
        sweep(network, dots(), **ASKED, seeds=[0, 1], folder=swept.folder)


def test_kept_models_give_the_kept_predictions(swept):
    choice = swept.choose(max_gap=1)
    assert choice.name == "control"
    models, predictions = swept.models(choice), swept.predictions(choice)
    held_out, train = dots().split(0.25, 0, ["label", "color"])
    assert set(models) == {0, 1}
    again = fairkit.predict(models[1], held_out)
    assert np.allclose(again.scores, predictions[1].scores, atol=1e-6)
    assert np.array_equal(again.ids, predictions[1].ids) and not set(again.ids) & set(train.ids)
    assert swept.model_path(choice, 1).suffix == ".keras" and swept.settings(choice)[1]["seed"] == 1
    with pytest.raises(FairkitError, match="has no model of seed 7"):
        swept.model_path(choice, 7)


def test_thresholds_by_group_come_with_the_candidate(swept):
    fitted = swept.group_thresholds("thresholds")
    assert set(fitted) == {0, 1} and set(fitted[0].thresholds) == {"blue", "orange"}
    with pytest.raises(FairkitError, match="'control' has no thresholds by group"):
        swept.group_thresholds("control")


def test_a_choice_is_trained_again_on_all_examples(swept):
    fixed = swept.refit("loss_weight=4", dots(), seed=5, epochs=1)
    assert fixed.settings["loss_weight"] == 4 and fixed.settings["seed"] == 5
    assert fixed.settings["train_examples"] == 2400
    assert load_sweep(swept.folder).refit("weights", dots(), epochs=1).settings["reweight"] == ["color"]
    with pytest.raises(FairkitError, match="no candidate 'loss_weight=5'"):
        swept.refit("loss_weight=5", dots())
    with pytest.raises(FairkitError, match="nothing was chosen"):
        swept.refit(swept.choose(max_gap=0), dots())


def test_the_folder_is_private_and_keeps_no_examples(swept):
    files = [path for path in swept.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"sweep.json", "model.keras", "predictions.parquet", "run.json", ".lock"}
    assert swept.folder.stat().st_mode & 0o077 == 0
    assert json.loads((swept.folder / "sweep.json").read_text())["threads"] == 1


def test_what_cannot_go_to_another_process_is_trained_in_this_one(tmp_path):
    found = sweep(network(), dots(), slices=["color"], epochs=1, batch_size=32, seeds=[3], jobs=2,
                  methods={"mmd": {"sensitive": {"color": lambda c: c == "orange"}, "loss_weight": 1.0}})
    held_out, train = dots().split(0.25, 0, ["label", "color"])
    plain = fairkit.remediate(network(), train, sensitive={"color": "orange"}, epochs=1, batch_size=32, seed=3)
    assert np.allclose(fairkit.predict(plain.model, held_out).scores, found.predictions("mmd")[3].scores, atol=1e-6)


@pytest.mark.parametrize(("module", "reason"), [("__main__", "defined in the program itself"),
                                                ("nowhere", "No module named 'nowhere'")])
def test_a_model_that_other_processes_cannot_make_is_trained_in_this_one(module, reason):
    @keras.saving.register_keras_serializable(package=module)
    class Doubled(keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    Doubled.__module__ = module
    model = keras.Sequential([keras.Input((2,)), Doubled(), keras.layers.Dense(1, "sigmoid")])
    with pytest.warns(UserWarning, match=f"2 trainings run in this process, one after another.*{reason}"):
        found = sweep(model, dots(400), slices=["color"], methods={}, epochs=1, seeds=[0, 1])
    assert found.table["seeds"].tolist() == [2]


def mirrored(inputs):
    """The same dots in the other colour."""
    return np.stack([inputs[:, 0], 1 - inputs[:, 1]], axis=1)


def test_counterfactual_pairs_of_validation_examples_are_left_out():
    from fairkit.remediation.counterfactual_pairs import counterfactuals

    examples = dots(400)
    pairs = counterfactuals(examples, mirrored)
    asked = {"slices": ["color"], "epochs": 1, "seeds": [0], "counterfactual_weight": 2.0}
    found = sweep(network(), examples, **asked, methods={"made": {"counterfactuals": mirrored},
                                                         "given": {"counterfactuals": pairs}, "both": {
        "counterfactuals": pairs, "sensitive": {"color": "orange"}, "loss_weight": 3.0, "min_diff_batch_size": 16}})
    made, given = (found.predictions(name)[0].scores for name in ("made", "given"))
    assert np.array_equal(made, given) and not np.array_equal(made, found.predictions("control")[0].scores)
    both, given = (found.settings(name)[0] for name in ("both", "given"))
    assert both["method"] == "min_diff and counterfactual" and both["pairs"] == given["pairs"] == 300
    assert found.table.set_index("candidate")["penalty"].to_dict() == {"control": 0, "made": 2, "given": 2, "both": 5}
    several = {"one": pairs, "two": mirrored}
    found = sweep(network(), examples, **asked, methods={"several": {"counterfactuals": several}})
    assert found.settings("several")[0]["pairs"] == {"one": 300, "two": 300}
    assert found.table.set_index("candidate")["penalty"].to_dict() == {"control": 0, "several": 4}
    other = counterfactuals(dots(300), mirrored)
    with pytest.raises(FairkitError, match="were made of other examples.*the 400 examples.*pairs of 300 examples"):
        sweep(network(), examples, **asked, methods={"other": {"counterfactuals": other}})


def test_a_builder_is_called_for_each_seed():
    found = sweep(network, dots(400), slices=["color"], methods={}, epochs=1, seeds=[0, 1], jobs=1)
    assert sorted(path.name for path in found.folder.glob("*.keras")) == ["model-0.keras", "model-1.keras"]
    scores = [p.scores for p in found.predictions("control").values()]
    assert not np.allclose(scores[0], scores[1])
    assert (found.table["seeds"] == 2).all()


@pytest.mark.parametrize(("change", "message"), [
    ({"jobs": 0}, "jobs does not fit"), ({"threads": 1.5}, "threads does not fit"),
    ({"validation_share": 1.0}, "validation_share leaves nothing"), ({"slices": ["colour"]}, "'color'"),
    ({"min_examples": 500}, "every slice of the validation split is too small"),
    ({"validation": "test"}, "the validation data are no examples"),
    ({"reference": {"color": "bleu"}}, "'blue' (the nearest)"), ({"epoch": 2}, "'epochs' (the nearest)")])
def test_mistakes_are_told_before_anything_is_trained(model, tmp_path, change, message):
    with pytest.raises(FairkitError) as refused:
        sweep(model, dots(400), **{**ASKED, **change}, folder=tmp_path / "new")
    assert message in str(refused.value) and not (tmp_path / "new").exists()


def test_a_control_that_fails_is_an_error(model):
    with pytest.raises(FairkitError, match="the plain training fails with every seed.*epochs does not fit"):
        sweep(model, dots(400), **{**ASKED, "epochs": 0}, seeds=[0])


def test_a_folder_with_something_else_is_left_alone(model, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FairkitError, match="the folder holds something else than a sweep"):
        sweep(model, dots(400), **ASKED, folder=tmp_path)
    assert os.listdir(tmp_path) == ["thesis.txt"]
    with pytest.raises(FairkitError, match="there is no sweep here"):
        load_sweep(tmp_path)
