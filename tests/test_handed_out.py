"""What was checked once stays as checked: nobody's later writing changes an answer, and results travel."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fairkit
from fairkit import Examples, FairkitError

N = 200


def columns():
    rng = np.random.default_rng(0)
    return {"labels": rng.integers(0, 2, N), "weights": rng.random(N), "ids": np.arange(N) + 7,
            "groups": {"g": rng.choice(["a", "b"], N), "c": pd.Categorical(rng.choice(["x", "y"], N))}}


def scores():
    return np.random.default_rng(1).random(N)


def evaluated(given=None, scored=None):
    given = columns() if given is None else given
    return fairkit.evaluate(scores() if scored is None else scored, Examples(**given), ["g", "c"], [0.5])


CONTAINERS = {"array": lambda a: a, "view": lambda a: np.concatenate([a, a])[:len(a)],
              "strided": lambda a: np.repeat(a, 2)[::2], "Series": pd.Series,
              "frame": lambda a: pd.DataFrame({"a": a})["a"]}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("name", ["labels", "weights", "ids", "scores"])
def test_writing_into_what_was_given_changes_nothing(container, name):
    given = columns()
    scored = scores()
    if name == "scores":
        scored = CONTAINERS[container](scored)
    else:
        given[name] = CONTAINERS[container](given[name])
    examples = Examples(**given)
    evaluation = fairkit.evaluate(scored, examples, ["g"], [0.5])
    before = evaluation.frame, evaluation.at_thresholds(0.25).frame, examples.ids.tolist()
    target = scored if name == "scores" else given[name]
    if hasattr(target, "iloc"):
        target.iloc[:] = target.iloc[::-1].to_numpy() * 0 + 1
        target.to_numpy().flags.writeable and target.to_numpy().__setitem__(slice(None), 1)
    else:
        target[:] = 1
    pd.testing.assert_frame_equal(evaluation.frame, before[0])
    pd.testing.assert_frame_equal(evaluation.at_thresholds(0.25).frame, before[1])
    assert examples.ids.tolist() == before[2]
    again = fairkit.evaluate(scores(), examples, ["g"], [0.5])
    assert again.value("weighted_example_count") == evaluation.value("weighted_example_count")


def test_writing_into_groups_changes_nothing():
    given = columns()
    frame = pd.DataFrame(given["groups"])
    examples = Examples(labels=given["labels"], groups=frame)
    own = {name: column.to_list() for name, column in examples.groups.items()}
    frame.loc[:, "g"] = "b"
    frame["c"].cat.codes.to_numpy()
    codes = frame["c"].array._codes
    codes[:] = 0
    given["groups"]["g"][:] = "b"
    assert {name: column.to_list() for name, column in examples.groups.items()} == own


def test_a_models_own_array_may_change_afterwards():
    output = scores()
    predictions = fairkit.predict(lambda inputs: output, Examples(inputs=np.zeros((N, 1)), **columns()))
    before = predictions.scores.copy()
    output[:] = 0
    assert (predictions.scores == before).all()


@pytest.mark.parametrize("array", [lambda e: e.predictions.scores, lambda e: e.predictions.labels,
                                   lambda e: e.predictions.weights, lambda e: e.predictions.ids,
                                   lambda e: e.predictions.groups["g"].codes, lambda e: e.cells.moments,
                                   lambda e: e.cells.thresholds])
def test_arrays_of_a_result_cannot_be_written_into(array):
    with pytest.raises(ValueError, match="read-only"):
        array(evaluated())[0] = 0


def results():
    evaluation = evaluated()
    other = evaluated(scored=scores() ** 2)
    compared = fairkit.compare(evaluation, other)
    report = fairkit.bias_report(pd.DataFrame({"y": columns()["labels"], "g": columns()["groups"]["g"]}), "y", 1, "g")
    return {"Evaluation": (evaluation, ["frame", "thresholds"]),
            "Comparison": (compared, ["frame", "quality", "got_worse", "levelling_down", "warnings", "matches"]),
            "Check": (evaluation.check({"false_positive_rate": 0.5}), ["frame"]),
            "BiasReport": (report, ["frame"]),
            "Description": (fairkit.analysis.describe(Examples(**columns())), ["frame"])}


@pytest.mark.parametrize("name", ["Evaluation", "Comparison", "Check", "BiasReport", "Description"])
def test_writing_into_what_is_handed_out_changes_no_answer(name):
    result, attributes = results()[name]
    for attribute in attributes:
        before, text = copy.deepcopy(getattr(result, attribute)), str(result)
        mine = getattr(result, attribute)
        if isinstance(mine, list):
            mine.append("x")
            assert getattr(result, attribute) == before
        else:
            for column in mine.columns:
                mine[column] = None
            pd.testing.assert_frame_equal(getattr(result, attribute), before)
        assert str(result) == text


def test_values_are_not_changed_by_writing_into_the_frame():
    evaluation = evaluated()
    value = evaluation.value("false_positive_rate", threshold=0.5)
    evaluation.frame["value"] = 7.0
    evaluation.thresholds.append(0.9)
    assert evaluation.value("false_positive_rate", threshold=0.5) == value and evaluation.thresholds == [0.5]


def travelled(result):
    return pickle.loads(pickle.dumps(result))  # noqa: S301


def returned(kind):
    result, _ = results()[kind]
    return result


@pytest.mark.parametrize("name", ["Evaluation", "Comparison", "Check", "BiasReport", "Description"])
def test_results_travel(name):
    result, attributes = results()[name]
    for other in (travelled(result), copy.deepcopy(result), copy.copy(result)):
        assert str(other) == str(result)
        for attribute in attributes:
            if hasattr(getattr(result, attribute), "columns"):
                pd.testing.assert_frame_equal(getattr(other, attribute), getattr(result, attribute))
    if name == "Evaluation":
        assert other.gaps("auc").equals(result.gaps("auc"))


def test_a_process_pool_returns_them():
    with ProcessPoolExecutor(1) as pool:
        found = pool.submit(returned, "Comparison").result()
    pd.testing.assert_frame_equal(found.frame, returned("Comparison").frame)


@pytest.mark.parametrize("made", ["chunks", "loaded", "stored"])
def test_evaluations_of_every_making_travel(made, tmp_path):
    evaluation = evaluated()
    if made == "chunks":
        evaluation = fairkit.evaluate([evaluation.predictions], slices=["g"], thresholds=[0.5])
    elif made == "loaded":
        evaluation.save(tmp_path / "run")
        evaluation = fairkit.load_evaluation(tmp_path / "run")
    else:
        fairkit.evaluate([evaluation.predictions], slices=["g"], thresholds=[0.5]).save(tmp_path / "run")
        evaluation = fairkit.load_evaluation(tmp_path / "run")
    other = travelled(evaluation)
    pd.testing.assert_frame_equal(other.frame, evaluation.frame)
    pd.testing.assert_frame_equal(other.gaps("auc"), evaluation.gaps("auc"))


def test_arrow_columns_are_taken_as_they_are():
    given = columns()
    examples = Examples(labels=pa.array(given["labels"]), weights=pa.array(given["weights"]), groups={})
    assert not examples.weights.flags.writeable and examples.weights.tolist() == given["weights"].tolist()


def test_what_is_wrong_is_still_refused():
    with pytest.raises(FairkitError, match="a weight is out of range"):
        Examples(labels=[0, 1], groups={}, weights=[1, -5])
