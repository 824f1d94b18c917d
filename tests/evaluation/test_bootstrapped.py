"""Bootstrap tables against resampling the examples of an evaluation one by one."""

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit import Examples, FairkitError
from fairkit.evaluation import bootstrapped
from fairkit.evaluation.bootstrapped import bootstrap

FPR = "false_positive_rate"


def made(n=400, weighted=True, classes=None, seed=0):
    """Examples of two groups, some in both, and their scores."""
    rng = np.random.default_rng(seed)
    groups = [[g for g, inside in zip("ab", pair, strict=True) if inside] for pair in rng.random((n, 2)) < 0.6]
    weights = rng.exponential(size=n) if weighted else None
    examples = Examples(labels=rng.integers(0, classes or 2, n), weights=weights,
                        groups={"g": groups, "h": rng.choice(["x", "y"], n)})
    return examples, rng.random(n) if classes is None else rng.dirichlet(np.ones(classes), n)


def resampled(examples, scores, threshold, times=3000):
    """False positive rates of a, b and overall in replicates made row by row."""
    copies = np.random.default_rng(9).poisson(1, (times, len(examples))).astype(float)
    copies *= 1 if examples.weights is None else examples.weights
    negative = examples.labels == 0
    sides = {name: np.array([value in (cell if isinstance(cell, tuple) else (cell,))
                             for cell in examples.groups["g"].to_list()]) for name, value in (("a", "a"), ("b", "b"))}
    sides["all"] = np.ones(len(examples), bool)
    return {name: copies[:, negative & side & (scores > threshold)].sum(1) / copies[:, negative & side].sum(1)
            for name, side in sides.items()}


@pytest.mark.parametrize("weighted", [False, True])
def test_rates_and_gaps_are_those_of_resampled_rows(weighted):
    examples, scores = made(weighted=weighted)
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.3, 0.7])
    shown = bootstrap(evaluation, 3000, seed=1)
    expected = resampled(examples, scores, 0.7)
    frame = shown.frame.set_index(["slice", "metric", "threshold"])
    for name, slice_ in (("a", "g:a"), ("b", "g:b"), ("all", "Overall")):
        row = frame.loc[slice_, FPR, 0.7]
        np.testing.assert_allclose([row["lower"], row["upper"]], np.quantile(expected[name], [0.025, 0.975]), atol=0.01)
    for reference, other in ((None, "all"), ({"g": "b"}, "b")):
        row = shown.gaps(FPR, 0.7, reference).set_index("slice").loc["g:a"]
        difference = np.quantile(expected["a"] - expected[other], [0.025, 0.975])
        np.testing.assert_allclose([row["lower"], row["upper"]], difference, atol=0.012)


def test_tables_have_the_evaluations_rows_and_values():
    examples, scores = made()
    evaluation = fairkit.evaluate(scores, examples, ["g", ("g", "h")], [0.3, 0.7])
    shown = bootstrap(evaluation, 50)
    rates = evaluation.frame[evaluation.frame["metric"].isin(shown.frame["metric"])].reset_index(drop=True)
    columns = [c for c in rates if c not in ("lower", "upper", "note")]
    pd.testing.assert_frame_equal(shown.frame[columns], rates[columns])
    assert {"accuracy", "f1_score", FPR} <= set(shown.frame["metric"])
    gaps = shown.gaps(reference={"h": "x"})
    for metric in ("precision", "accuracy"):
        expected = evaluation.gaps(metric, reference={"h": "x"})
        own = gaps[gaps["metric"] == metric].reset_index(drop=True)
        common = ["slice", "reference", "metric", "threshold", "value", "reference_value", "gap"]
        pd.testing.assert_frame_equal(own[common], expected[common], check_dtype=False)
    assert (gaps["lower"] <= gaps["gap"] + 0.2).all() and gaps["lower"].ge(-1).all() and gaps["upper"].le(1).all()


def test_rates_that_add_up_to_one_have_mirrored_intervals():
    examples, scores = made()
    shown = bootstrap(fairkit.evaluate(scores, examples, ["g"], [0.5]), 200)
    frame = shown.frame.set_index(["metric", "slice"])
    for one, other in ((FPR, "true_negative_rate"), ("precision", "false_discovery_rate")):
        np.testing.assert_allclose(frame.loc[one, "lower"], 1 - frame.loc[other, "upper"])
        np.testing.assert_allclose(frame.loc[one, "upper"], 1 - frame.loc[other, "lower"])
    gaps = shown.gaps().set_index(["metric", "slice"])
    np.testing.assert_allclose(gaps.loc[FPR, "lower"], -gaps.loc["specificity", "upper"])


def test_several_classes():
    examples, scores = made(classes=3)
    shown = bootstrap(fairkit.evaluate(scores, examples, ["g"], [0.3], classes=[0, 2]), 100)
    frame = shown.frame
    assert frame["lower"].notna().all() and (frame["lower"] <= frame["upper"]).all()
    assert set(frame.loc[frame["metric"] == FPR, "class"]) == {0, 2}
    gaps = shown.gaps(reference={"g": "b"}, class_id=2)
    assert set(gaps.loc[gaps["metric"] == FPR, "class"]) == {2}
    assert gaps.loc[gaps["metric"] == "accuracy", "class"].isna().all()


def test_seeds_and_forms():
    examples, scores = made()
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.5])
    again = [bootstrap(evaluation, 60, seed=seed).gaps(FPR) for seed in (3, 3, 4)]
    pd.testing.assert_frame_equal(again[0], again[1])
    assert not again[0]["lower"].equals(again[2]["lower"])
    narrow, wide = (bootstrap(evaluation, 20, form=form).gaps(FPR) for form in ("percentile", "t"))
    assert (wide["upper"] - wide["lower"] > narrow["upper"] - narrow["lower"]).all()


def test_a_few_slices_at_a_time_give_the_same(monkeypatch):
    examples, scores = made()
    evaluation = fairkit.evaluate(scores, examples, ["g", "h", ("g", "h")], [0.3, 0.5])
    whole = bootstrap(evaluation, 30)
    expected = whole.frame, whole.gaps(), whole.gaps(reference={"h": "x"})
    monkeypatch.setattr(bootstrapped, "_MOST_VALUES", 500)
    parted = bootstrap(evaluation, 30)
    for one, other in zip((parted.frame, parted.gaps(), parted.gaps(reference={"h": "x"})), expected, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_without_a_denominator_there_is_no_interval_and_a_reason():
    examples = Examples(labels=[1, 1, 0, 0, 0, 0], groups={"g": ["a", "a", "b", "c", "c", "c"]})
    shown = bootstrap(fairkit.evaluate([0.6, 0.1, 0.9, 0.2, 0.9, 0.8], examples, ["g"], [0.5]))
    rows = shown.frame[shown.frame["metric"] == FPR].set_index("slice")
    assert rows.loc["g:a", ["lower", "upper"]].isna().all() and "undefined" in rows.loc["g:a", "note"]
    # One negative: a replicate has none with probability 1 / e.
    assert np.isnan(rows.loc["g:b", "lower"]) and rows.loc["g:b", "value"] == 1
    gaps = shown.gaps(FPR, reference={"g": "b"}).set_index("slice")
    assert np.isnan(gaps.loc["g:c", "lower"]) and "5% of the replicates" in gaps.loc["g:c", "note"]
    assert gaps.loc["g:a", "note"] == "undefined: no denominator in this slice"


def test_an_evaluation_that_shows_no_rates_has_empty_tables():
    examples, scores = made()
    shown = bootstrap(fairkit.evaluate(scores, examples, ["g"], [0.5], metrics=["auc"]), 10)
    assert shown.frame.empty and shown.gaps().empty
    assert len(shown.gaps("recall")) == 2


@pytest.mark.parametrize("arguments, says", [
    ({"replicates": 1}, "too few replicates"),
    ({"replicates": 10.0}, "too few replicates"),
    ({"seed": -1}, "the seed is none"),
    ({"form": "percentil"}, "'percentile' (the nearest)"),
])
def test_bad_arguments_are_named(arguments, says):
    examples, scores = made()
    with pytest.raises(FairkitError) as error:
        bootstrap(fairkit.evaluate(scores, examples, ["g"], [0.5]), **arguments)
    assert says in str(error.value)


@pytest.mark.parametrize("arguments, says", [
    ({"metric": "fpr"}, "no rate 'fpr'"),
    ({"threshold": 0.4}, "no such threshold"),
    ({"class_id": 3}, "no such class"),
    ({"reference": {"g": "d"}}, "no example has g = 'd'"),
])
def test_bad_questions_are_named(arguments, says):
    examples, scores = made()
    with pytest.raises(FairkitError) as error:
        bootstrap(fairkit.evaluate(scores, examples, ["g"], [0.5]), 2).gaps(**arguments)
    assert says in str(error.value)
