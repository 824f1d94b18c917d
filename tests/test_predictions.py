import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sklearn.metrics

import fairkit
from fairkit import Examples, FairkitError
from fairkit.evaluation.predictions_file import load_predictions, save_predictions


def binary(n=4, **more):
    return Examples(labels=np.arange(n) % 2, groups={"g": ["a", "b"] * (n // 2)}, **more)


@pytest.mark.parametrize("scores, says", [
    ([0.1, 0.2], "there is not one score an example. Expected: 4 scores. Received: 2"),
    ([0.1, 0.2, 1.5, 0.3], "a score lies outside [0, 1]"),
    ([0.1, 0.2, np.nan, 0.3], "a score is not a finite number. Expected: finite numbers. Received: nan in row 2"),
    (np.zeros((4, 2, 2)), "the model's output does not fit"),
    (["a", "b", "c", "d"], "the model's output does not fit"),
])
def test_scores_are_checked(scores, says):
    with pytest.raises(FairkitError) as error:
        fairkit.predict(scores, binary())
    assert says in str(error.value)


def test_labels_must_fit_the_scores():
    with pytest.raises(FairkitError, match="Expected: 0 and 1 for a model with one output. Received: 2 in row 1"):
        fairkit.predict([0.1, 0.2], Examples(labels=[0, 2], groups={}))
    with pytest.raises(FairkitError, match="class ids from 0 to 2"):
        fairkit.predict(np.full((2, 3), 1 / 3), Examples(labels=[0, 3], groups={}))
    with pytest.raises(FairkitError, match="Received: 'toxic'"):
        fairkit.predict([0.1, 0.2], Examples(labels=["toxic", "fine"], groups={}))


def test_logits_become_probabilities():
    assert fairkit.predict([0.0, 100.0, -100.0, 0.0], binary(), from_logits=True).scores.tolist() == \
        pytest.approx([0.5, 1.0, 0.0, 0.5])
    scores = fairkit.predict(np.array([[1.0, 1.0]] * 4), binary(), from_logits=True).scores
    assert scores.tolist() == [[0.5, 0.5]] * 4


def test_a_callable_sees_the_inputs_once():
    calls = []

    def model(inputs):
        calls.append(len(inputs))
        return inputs / 10

    scores = fairkit.predict(model, binary(inputs=np.arange(4.0))).scores
    assert scores.tolist() == pytest.approx([0, 0.1, 0.2, 0.3]) and calls == [4]
    with pytest.raises(FairkitError, match="no inputs, so no model can score them"):
        fairkit.predict(model, binary())


def test_predictions_come_back_from_the_file(tmp_path):
    examples = Examples(labels=[0, 1, 2], weights=[1, 2.5, 0], ids=["x", "y", "z"],
                        groups={"religion": [["a", "b"], None, "b"], "id": [1, 2, 3]})
    before = fairkit.predict(np.eye(3), examples)
    save_predictions(before, tmp_path / "predictions.parquet")
    after = load_predictions(tmp_path / "predictions.parquet")
    assert np.array_equal(after.scores, before.scores) and np.array_equal(after.weights, before.weights)
    assert after.ids.tolist() == ["x", "y", "z"] and after.labels.tolist() == [0, 1, 2]
    assert after.groups["religion"].to_list() == [("a", "b"), None, "b"]
    assert after.groups["id"].to_list() == ["1", "2", "3"]
    assert (tmp_path / "predictions.parquet").stat().st_mode & 0o077 == 0


def test_a_file_that_is_none_of_ours_is_refused(tmp_path):
    (tmp_path / "predictions.parquet").write_text("no parquet")
    with pytest.raises(FairkitError, match="no file of fairkit predictions"):
        load_predictions(tmp_path / "predictions.parquet")
    with pytest.raises(FairkitError, match="there are no predictions"):
        load_predictions(tmp_path / "absent.parquet")


@pytest.mark.parametrize("container", [list, tuple, np.array, pd.Series, pa.array,
                                       lambda column: pa.chunked_array([column])])
def test_predictions_are_built_of_any_container(container):
    labels, scores, weights = [0, 1, 0, 1], [0.1, 0.9, 0.6, 0.4], [1, 2, 3, 4]
    made = fairkit.Predictions(container(labels), container(scores), {"g": container(list("abab"))},
                               container(weights), container([7, 5, 3, 1]))
    evaluation = fairkit.evaluate(made, slices=["g"], thresholds=[0.5])
    assert evaluation.value("accuracy") == pytest.approx(
        sklearn.metrics.accuracy_score(labels, np.array(scores) > 0.5, sample_weight=weights))
    assert evaluation.value("false_positive_rate", "g:a", 0.5) == 3 / 4
    assert made.ids.tolist() == [7, 5, 3, 1] and made.take([1]).scores.tolist() == [0.9]
    assert repr(made) == "Predictions(4, binary, groups: g)"
    several = fairkit.Predictions([2, 0], [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], {})
    assert several.classes == 3 and fairkit.evaluate(several, thresholds=[0.5], classes=[2]).value("accuracy") == 1


@pytest.mark.parametrize(("given", "says"), [
    ({"labels": [0]}, "not one score an example. Expected: 1 scores. Received: 2"),
    ({"labels": [0, 2]}, "0 and 1 for a model with one output. Received: 2 in row 1"),
    ({"scores": [0.1, 1.5]}, "predict(..., from_logits=True) for logits. Received: 1.5 in row 1"),
    ({"scores": [0.1, None]}, "nan in row 1"), ({"scores": "ab"}, "scores: a str is not a column"),
    ({"groups": {"g": ["a"]}}, "group column 'g' has another length"),
    ({"groups": ["a", "b"]}, "groups are not columns"),
    ({"weights": [1, -1]}, "a weight is out of range"), ({"ids": [1, 1]}, "ids are not distinct")])
def test_what_predictions_cannot_hold_is_refused_when_they_are_built(given, says):
    with pytest.raises(FairkitError) as error:
        fairkit.Predictions(**{"labels": [0, 1], "scores": [0.1, 0.9], "groups": {}, **given})
    assert says in str(error.value)
