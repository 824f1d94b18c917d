"""Flip rates: TFMA's definition and figures, scikit-learn's confusion matrix, statsmodels' intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix
from statsmodels.stats.proportion import proportion_confint

import fairkit
from fairkit import FairkitError
from fairkit.evaluation import compare_flips, flips
from fairkit.remediation.counterfactual_pairs import CounterfactualPairs, counterfactuals


def sides(original, counterfactual, **more):
    examples = fairkit.Examples(**{"labels": [0] * len(original), "groups": {}, **more})
    return [fairkit.predict(np.asarray(scores), examples) for scores in (original, counterfactual)]


def test_the_figures_of_tfmas_own_test():
    # The four weighted examples of its flip_rate_test: 6/7, 2/7 and 4/7 at threshold .3.
    found = flips(sides([.5, .1, .5, .2], [.7, 1., .2, .4], weights=[1, 3, 2, 1]), thresholds=.3)
    assert found.value("flip_rate/overall") == pytest.approx(6 / 7)
    assert found.value("flip_rate/positive_to_negative") == pytest.approx(2 / 7)
    assert found.value("flip_rate/negative_to_positive") == pytest.approx(4 / 7)
    assert found.value("flip_count/negative_to_positive") == 4 and found.value("flip_count/positive_to_negative") == 2
    assert found.value("flip_count/positive_examples_count") == 3
    assert found.value("flip_count/negative_examples_count") == 4


@given(seed=st.integers(0, 10**6), n=st.integers(1, 60))
@settings(max_examples=40)
def test_counts_and_intervals_of_every_slice(seed, n):
    rng = np.random.default_rng(seed)
    scores, color = rng.integers(0, 11, (2, n)) / 10, rng.choice(["blue", "orange"], n)
    found = flips(sides(*scores, groups={"color": color}), slices=["color"], thresholds=[.3, .5])
    for name, rows in [("Overall", slice(None)), *((f"color:{c}", color == c) for c in np.unique(color))]:
        for threshold in (.3, .5):
            before, after = (side[rows] > threshold for side in scores)
            (nn, n_p), (pn, pp) = confusion_matrix(before, after, labels=[False, True])
            rows_of = found.frame[(found.frame["slice"] == name) & (found.frame["threshold"] == threshold)]
            values = rows_of.set_index("metric")
            total = nn + n_p + pn + pp
            for metric, hits in (("overall", n_p + pn), ("positive_to_negative", pn), ("negative_to_positive", n_p)):
                row = values.loc[f"flip_rate/{metric}"]
                assert row["value"] == pytest.approx(hits / total) and row["numerator"] == hits
                assert row["denominator"] == row["examples"] == total
                expected = proportion_confint(hits, total, method="wilson")
                assert (row["lower"], row["upper"]) == pytest.approx(expected, abs=1e-9)
            assert values.loc["flip_count/positive_to_negative", "value"] == pn
            assert values.loc["flip_count/positive_examples_count", "value"] == pn + pp


def test_a_model_judges_pairs_class_by_class():
    inputs = np.array([[1.0], [2.0], [3.0]])
    original = fairkit.Examples(inputs=inputs, labels=[0, 1, 2], groups={"kind": ["a", "a", "b"]})
    other = fairkit.Examples(inputs=-inputs, labels=[0, 1, 2], groups=original.groups)
    pairs = CounterfactualPairs(original, other, np.arange(3), 3, ("sign",))

    def model(x):
        first = np.where(x[:, 0] > 1.5, 0.9, 0.2)
        return np.stack([first, (1 - first) / 2, (1 - first) / 2], axis=1)

    found = flips(model, pairs, slices=["kind"], thresholds=.5, classes=[0, 2])
    assert found.value(class_id=0) == pytest.approx(2 / 3) and found.value(class_id=2) == 0
    assert found.value("flip_rate/positive_to_negative", "kind:b", class_id=0) == 1
    assert sorted(found.frame["slice"].unique()) == ["Overall", "kind:a", "kind:b"]


def test_before_and_after_are_paired():
    rng = np.random.default_rng(0)
    groups = {"color": rng.choice(["blue", "orange"], 400)}
    plain = flips(sides(*rng.random((2, 400)), groups=groups), slices=["color"], thresholds=[.3, .5])
    scores = plain.original.scores
    better = flips(sides(scores, np.where(rng.random(400) < .8, scores, plain.counterfactual.scores), groups=groups),
                   slices=["color"], thresholds=[.3, .5])
    frame = compare_flips(plain, better)
    assert len(frame) == 2 * 3 * 3 and (frame["pairs"] > 100).all()
    row = frame[(frame["slice"] == "color:orange") & (frame["threshold_before"] == .5)].iloc[0]
    mask = groups["color"] == "orange"
    flipped = [((f.original.scores > .5) != (f.counterfactual.scores > .5))[mask] for f in (plain, better)]
    assert (row["before"], row["after"]) == pytest.approx([f.mean() for f in flipped])
    assert row["change"] == pytest.approx(row["after"] - row["before"]) and row["verdict"] == "improved"
    difference = flipped[1] * 1.0 - flipped[0]   # the paired interval is about that of the mean difference
    half = 1.96 * difference.std() / np.sqrt(mask.sum())
    assert (row["upper"] - row["lower"]) / 2 == pytest.approx(half, rel=.1)


def test_a_comparison_at_other_thresholds_and_with_itself():
    found = flips(sides([.2, .6, .9, .4], [.6, .2, .9, .4]), thresholds=.5)
    same = compare_flips(found, found)
    assert (same["change"] == 0).all() and (same["verdict"] == "no evidence").all()
    moved = compare_flips(found, found, {.5: .95})
    assert moved["threshold_after"].unique().tolist() == [.95] and (moved["after"] == 0).all()


def test_pairs_of_one_original_are_not_independent():
    rng = np.random.default_rng(5)
    color, flipping = rng.choice(["blue", "orange"], 100), rng.random(100) < .2
    examples = fairkit.Examples(inputs=flipping[:, None] * 1.0 + 1, labels=[0] * 100, groups={"color": color})
    thrice = [lambda x: -x, lambda x: x * -2, lambda x: x - 9]   # a flipping one flips whatever it is swapped for
    pairs = counterfactuals(examples, thrice)
    assert len(pairs) == 300

    def model(x):
        return np.where((x[:, 0] == 2) | (x[:, 0] > 99), .9, .1)

    found = flips(model, pairs, slices=["color"], thresholds=.5)
    once = flips(model, counterfactuals(examples, thrice[0]), slices=["color"], thresholds=.5)
    for name in ("Overall", "color:blue", "color:orange"):
        three, one = (each.frame[(each.frame["slice"] == name) & (each.frame["metric"] == "flip_rate/overall")].iloc[0]
                      for each in (found, once))
        assert three["value"] == one["value"] and three["denominator"] == 3 * one["denominator"]
        # Three of one original tell no more than one does.
        assert (three["lower"], three["upper"]) == pytest.approx((one["lower"], one["upper"]), abs=.02)
    sides = [found.original, found.counterfactual]
    apart, told = flips(sides, thresholds=.5), flips(sides, thresholds=.5, clusters=np.tile(examples.ids, 3))
    assert (told.frame.iloc[0]["lower"], told.frame.iloc[0]["upper"]) == tuple(
        found.frame.iloc[0][["lower", "upper"]])
    assert apart.frame.iloc[0]["lower"] > told.frame.iloc[0]["lower"] + .02
    with pytest.raises(FairkitError, match="which original"):
        flips(sides, clusters=[1, 2])


def test_a_change_knows_the_pairs_of_one_original():
    rng = np.random.default_rng(6)
    once = rng.random((2, 100))
    plain, wide = (flips(sides(*np.tile(once, 3)), thresholds=.5, clusters=clusters)
                   for clusters in (None, np.tile(np.arange(100), 3)))
    better = flips(sides(*np.tile([once[0], np.where(rng.random(100) < .4, once[0], once[1])], 3)), thresholds=.5)
    narrow, told = (compare_flips(before, better).iloc[0] for before in (plain, wide))
    assert compare_flips(better, wide).iloc[0]["lower"] == -told["upper"]   # one side that knows is enough
    assert told["change"] == narrow["change"]
    assert told["upper"] - told["lower"] > 1.5 * (narrow["upper"] - narrow["lower"])


def test_slices_with_few_pairs_are_noted():
    found = flips(sides([.2, .6, .9], [.6, .2, .9], groups={"c": ["a", "a", "b"]}), slices=["c"], thresholds=.5,
                  min_examples=2)
    notes = found.frame.set_index("slice")["note"]
    assert set(notes["c:b"]) == {"too few pairs: 1, at least 2 asked for"} and set(notes["c:a"]) == {""}


EXAMPLES = fairkit.Examples(labels=[0, 1], groups={})
BOTH = sides([.2, .6], [.6, .2])


@pytest.mark.parametrize("call, match", [
    (lambda: flips([.1, .2]), "two Predictions"), (lambda: flips([.1, .2], EXAMPLES), "no pairs"),
    (lambda: flips([BOTH[0], BOTH[1].take([0])]), "do not go together"),
    (lambda: flips(BOTH, slices=["color"]), "no group column"), (lambda: flips(BOTH, thresholds=2), "outside"),
    (lambda: flips([side.take([]) for side in BOTH]), "no pairs to judge"),
    (lambda: compare_flips(flips(BOTH), BOTH), "no count of flips"),
    (lambda: compare_flips(flips(BOTH), flips(sides([.2], [.6]))), "different pairs"),
    (lambda: compare_flips(flips(BOTH), flips(BOTH), [.5]), "before: after"),
    (lambda: flips(BOTH).value("flip_rate"), "flip_rate/overall"),
])
def test_what_cannot_be_judged_is_refused(call, match):
    with pytest.raises(FairkitError, match=match):
        call()
