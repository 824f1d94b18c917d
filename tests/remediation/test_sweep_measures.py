"""What a sweep measures of a model, against fairkit.compare and by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import fairkit
from fairkit import FairkitError
from fairkit.remediation.sweeps.by_group import adjusted_by_halves, fitted_by_group
from fairkit.remediation.sweeps.measures import Gap, measured


@pytest.fixture(scope="module")
def two_models():
    """Predictions of two models on the same 3,000 examples with two overlapping features."""
    rng = np.random.default_rng(0)
    labels, color = rng.integers(0, 2, 3000), rng.choice(["blue", "orange", "grey"], 3000, p=[0.5, 0.49, 0.01])
    examples = fairkit.Examples(labels=labels, groups={"color": color, "size": rng.choice(["s", "l"], 3000)})
    base = 0.35 + 0.2 * labels + rng.normal(0, 0.15, 3000)
    return [fairkit.predict(np.clip(base + shift * (color == "orange") + lift, 0, 1), examples)
            for shift, lift in ((0.15, 0.0), (0.05, 0.1))]


@pytest.mark.parametrize(("metric", "reference"), [
    ("false_positive_rate", None), ("false_negative_rate", {"color": "blue"}), ("precision", None)])
def test_the_gap_is_that_of_a_comparison_at_matched_thresholds(two_models, metric, reference):
    control, model = two_models
    slices = ["color"] if reference else ["color", "size"]
    found = measured(Gap(slices, metric, reference, 0.6), model, control)
    before, after = (fairkit.evaluate(p, slices=slices, thresholds=[0.6]) for p in two_models)
    comparison = fairkit.compare(before, after, metric, reference)
    large = ~comparison.rows("matched")["slice"].eq("color:grey")
    matched, unchanged = (comparison.rows(kind)[large] for kind in ("matched", "unchanged"))
    assert found["gap"] == pytest.approx(matched["gap_after"].abs().max())
    assert found["slice"] == matched["slice"][matched["gap_after"].abs().idxmax()]
    assert found["gap_unchanged"] == pytest.approx(unchanged["gap_after"].abs().max())
    assert (found["threshold_control"], found["threshold"]) == (0.6, matched["threshold_after"].iloc[0])
    assert found["auc"] == pytest.approx(roc_auc_score(model.labels, model.scores))
    assert found["accuracy"] == pytest.approx(np.mean((model.scores > found["threshold"]) == model.labels))


def test_an_overall_rate_sets_the_thresholds(two_models):
    control, model = two_models
    found = measured(Gap(["color"], overall_rate=0.2), model, control)
    assert found["overall_control"] == pytest.approx(0.2, abs=0.001) == found["overall"]
    assert np.mean(control.scores[control.labels == 0] > found["threshold_control"]) == found["overall_control"]
    itself = measured(Gap(["color"], overall_rate=0.2), control, control)
    assert itself["gap"] == itself["gap_unchanged"] and itself["threshold"] == itself["threshold_control"]


def test_small_slices_are_left_out_and_all_small_is_refused(two_models):
    control = two_models[0]
    grey = int(((control.groups["color"].codes == control.groups["color"].cells.index(("grey",)))
                & (control.labels == 0)).sum())
    assert measured(Gap(["color"], min_examples=grey), control, control)["gap"] > \
        measured(Gap([{"color": ["blue", "orange"]}]), control, control)["gap"] * 0.99
    assert measured(Gap([{"color": "grey"}], min_examples=grey + 1), control, control)["slice"] is None
    assert Gap(["color"]).checked(control)
    with pytest.raises(FairkitError, match=f"too small to measure.*at most {grey}"):
        Gap([{"color": "grey"}], min_examples=grey + 1).checked(control)


@pytest.mark.parametrize(("options", "message"), [
    ({"metric": "false_positive_rat"}, "'false_positive_rate' (the nearest)"), ({"slices": ["colour"]}, "'color'"),
    ({"reference": {"color": "bleu"}}, "'blue' (the nearest)"), ({"threshold": 2}, "a threshold lies outside"),
    ({"threshold": [0.1, 0.5]}, "a sweep judges at one threshold"), ({"overall_rate": 1.0}, "is no share"),
    ({"threshold": 0.1, "overall_rate": 0.1}, "given twice"), ({"classes": [1]}, "classes are for models")])
def test_a_gap_that_cannot_be_measured_is_refused(two_models, options, message):
    with pytest.raises(FairkitError) as refused:
        Gap(**{"slices": ["color"], **options}).checked(two_models[0])
    assert message in str(refused.value)


def test_several_classes_have_the_largest_gap_and_the_mean_area():
    rng = np.random.default_rng(1)
    scores = rng.dirichlet(np.ones(3), 900)
    examples = fairkit.Examples(labels=rng.integers(0, 3, 900), groups={"g": rng.choice(["a", "b"], 900)})
    predictions = fairkit.predict(scores, examples)
    every = measured(Gap(["g"]), predictions, predictions)
    single = [measured(Gap(["g"], classes=[c]), predictions, predictions) for c in range(3)]
    assert every["gap"] == max(one["gap"] for one in single)
    assert every["class"] == int(np.argmax([one["gap"] for one in single]))
    assert every["auc"] == pytest.approx(np.mean([roc_auc_score(examples.labels == c, scores[:, c]) for c in range(3)]))
    assert every["accuracy"] == pytest.approx(np.mean(scores.argmax(1) == examples.labels))


def test_thresholds_by_group_are_judged_on_the_other_half(two_models):
    control, gap = two_models[0], Gap(["color"], threshold=0.5)
    options = {"by": "color", "tolerance": 0.02}
    adjusted = adjusted_by_halves(control, options, gap, control)
    found = measured(gap, adjusted, control, at=0.5)
    assert found["gap"] < measured(gap, control, control)["gap"] / 3
    assert found["overall"] == pytest.approx(found["overall_control"], abs=0.03)
    assert found["accuracy"] == pytest.approx(np.mean((adjusted.scores > 0.5) == control.labels))
    fitted = fitted_by_group(control, options, gap, control)
    assert set(fitted.thresholds) >= {"blue", "orange"} and fitted.level == found["overall_control"]
    with pytest.raises(FairkitError, match="group_thresholds name no group column"):
        adjusted_by_halves(control, {}, gap, control)
    with pytest.raises(FairkitError, match="no group column 'colour'"):
        adjusted_by_halves(control, {"by": "colour"}, gap, control)
