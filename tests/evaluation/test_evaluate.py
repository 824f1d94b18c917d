"""Evaluations against scikit-learn, and the errors that users meet."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

import fairkit
from fairkit import Examples, FairkitError


@pytest.fixture(scope="module")
def binary():
    rng = np.random.default_rng(0)
    n = 500
    examples = Examples(labels=rng.integers(0, 2, n), weights=rng.uniform(0.5, 2, n),
                        groups={"color": rng.choice(["blue", "orange"], n), "digit": rng.integers(0, 3, n)})
    return examples, np.clip(rng.normal(0.4 + 0.2 * examples.labels, 0.2), 0, 1)


def test_rates_are_scikit_learns(binary):
    examples, scores = binary
    frame = fairkit.evaluate(scores, examples, ["color"], [0.3, 0.5]).frame
    rows = np.array([c == "blue" for c in examples.groups["color"].to_list()])
    for threshold in (0.3, 0.5):
        (tn, fp), (fn, tp) = confusion_matrix(examples.labels[rows], scores[rows] > threshold,
                                              sample_weight=examples.weights[rows])
        expected = {"false_positive_rate": fp / (fp + tn), "false_negative_rate": fn / (fn + tp),
                    "true_positive_rate": tp / (fn + tp), "recall": tp / (fn + tp),
                    "true_negative_rate": tn / (fp + tn), "specificity": tn / (fp + tn),
                    "f1_score": 2 * tp / (2 * tp + fp + fn), "precision": tp / (tp + fp), "false_discovery_rate": fp / (tp + fp),
                    "false_omission_rate": fn / (tn + fn), "positive_rate": (tp + fp) / (tn + fp + fn + tp),
                    "negative_rate": (tn + fn) / (tn + fp + fn + tp)}
        found = frame[(frame["slice"] == "color:blue") & (frame["threshold"] == threshold)]
        assert dict(zip(found["metric"], found["value"], strict=True)) == pytest.approx(expected, abs=1e-12)
    blue = frame[frame["slice"] == "color:blue"].set_index("metric")["value"]
    assert blue["auc"] == pytest.approx(roc_auc_score(examples.labels[rows], scores[rows],
                                                      sample_weight=examples.weights[rows]), abs=1e-12)
    assert blue["accuracy"] == pytest.approx(accuracy_score(examples.labels[rows], scores[rows] > 0.5,
                                                            sample_weight=examples.weights[rows]))
    assert blue["example_count"] == rows.sum()
    assert blue["weighted_example_count"] == pytest.approx(examples.weights[rows].sum())


def test_the_frame_is_tidy(binary):
    examples, scores = binary
    evaluation = fairkit.evaluate(scores, examples, ["color", ("digit", "color")], [0.5])
    assert list(evaluation.frame) == ["slice", "class", "metric", "threshold", "value", "lower", "upper", "numerator",
                                      "denominator", "examples", "note"]
    assert evaluation.frame["slice"].drop_duplicates().tolist() == [
        "Overall", "color:blue", "color:orange",
        *(f"color_X_digit:{c}_X_{d}" for c in ("blue", "orange") for d in range(3))]
    inside = evaluation.frame.dropna(subset=["lower"])
    assert (inside["lower"] <= inside["value"]).all() and (inside["value"] <= inside["upper"]).all()
    assert not evaluation.frame.duplicated(["slice", "class", "metric", "threshold"]).any()
    again = fairkit.evaluate(scores, examples, evaluation.slices, evaluation.thresholds)
    assert again.frame.equals(evaluation.frame)


def test_softmax_top1_and_one_class_against_the_rest():
    rng = np.random.default_rng(1)
    scores = rng.dirichlet(np.ones(4), 300)
    examples = Examples(labels=rng.integers(0, 4, 300), groups={"g": rng.choice(["a", "b"], 300)})
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.3], classes=[2])
    assert evaluation.value("accuracy") == pytest.approx(np.mean(scores.argmax(1) == examples.labels))
    assert evaluation.value("auc", class_id=2) == pytest.approx(roc_auc_score(examples.labels == 2, scores[:, 2]))
    negatives = examples.labels != 2
    assert evaluation.value("false_positive_rate", threshold=0.3, class_id=2) == pytest.approx(
        np.mean(scores[negatives, 2] > 0.3))
    assert fairkit.evaluate(scores, examples).classes == [0, 1, 2, 3]


def test_given_values_and_several_values_a_cell():
    cells = [["christian", "muslim"], "christian", None, "jewish"]
    examples = Examples(labels=[0, 0, 0, 0], groups={"religion": cells})
    evaluation = fairkit.evaluate([0.9, 0.1, 0.9, 0.1], examples, [{"religion": ["muslim", "jewish"]}], [0.5])
    assert evaluation.frame["slice"].drop_duplicates().tolist() == ["Overall", "religion:jewish", "religion:muslim"]
    everyone = fairkit.evaluate([0.9, 0.1, 0.9, 0.1], examples, ["religion"], [0.5])
    counts = everyone.frame[everyone.frame["metric"] == "example_count"].set_index("slice")["value"]
    assert counts.to_dict() == {"Overall": 4, "religion:christian": 2, "religion:jewish": 1, "religion:muslim": 1}


def test_an_undefined_rate_is_missing_with_its_reason():
    examples = Examples(labels=[1, 1, 0], groups={"g": ["a", "a", "b"]})
    row = fairkit.evaluate([0.9, 0.2, 0.7], examples, ["g"], [0.5]).frame.query(
        "slice == 'g:a' and metric == 'false_positive_rate'").iloc[0]
    assert np.isnan(row["value"]) and np.isnan(row["lower"])
    assert row["note"] == "undefined: no negatives in this slice"


@pytest.mark.parametrize("arguments, says", [
    ({"slices": ["colour"]}, "no group column 'colour' to slice by. Expected: 'color' (the nearest)"),
    ({"slices": [{"color": "blu"}]}, "no example has color = 'blu'. Expected: 'blue' (the nearest)"),
    ({"slices": [3]}, "a slice is a feature, a tuple of features, or a dict of values"),
    ({"thresholds": [0.5, 1.5]}, "a threshold lies outside [0, 1]. Expected: numbers from 0 to 1. Received: 1.5"),
    ({"thresholds": [float("nan")]}, "a threshold lies outside [0, 1]"),
    ({"thresholds": []}, "there is no threshold"),
    ({"classes": [1]}, "classes are for models with several outputs"),
    ({"engine": "beam"}, "no engine 'beam'"),
])
def test_bad_input_is_named(binary, arguments, says):
    examples, scores = binary
    with pytest.raises(FairkitError) as error:
        fairkit.evaluate(scores, examples, **arguments)
    assert says in str(error.value)


def test_classes_must_be_the_models():
    examples = Examples(labels=[0, 1], groups={})
    with pytest.raises(FairkitError, match="class ids from 0 to 2. Received: 3"):
        fairkit.evaluate(np.eye(3)[:2], examples, classes=[3])
    with pytest.raises(FairkitError, match="no examples to evaluate on"):
        fairkit.evaluate([], Examples(labels=[], groups={}))
