"""Gaps against plain differences, for slices that are disjoint, nested or overlap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

import fairkit
from fairkit import Examples, FairkitError

ROWS = st.lists(st.tuples(st.lists(st.sampled_from("abc"), max_size=3), st.sampled_from("xy"), st.booleans(),
                          st.booleans(), st.floats(0.1, 4)), min_size=2, max_size=40)


def evaluated(rows, weighted=True):
    groups = {"g": [row[0] for row in rows], "h": [row[1] for row in rows]}
    examples = Examples(labels=[int(row[2]) for row in rows], groups=groups,
                        weights=[row[4] for row in rows] if weighted else None)
    return fairkit.evaluate([float(row[3]) for row in rows], examples, ["g", ("g", "h")], [0.5])


def rate(rows, inside):
    negatives = [row for row in rows if inside(row) and not row[2]]
    total = sum(row[4] for row in negatives)
    return sum(row[4] for row in negatives if row[3]) / total if total else float("nan")


@given(ROWS)
def test_gaps_to_overall_and_to_a_slice(rows):
    values = sorted({v for row in rows for v in row[0]})
    if len(values) < 2:
        return
    evaluation = evaluated(rows)
    gaps = evaluation.gaps("false_positive_rate", 0.5).set_index("slice")
    for v in values:
        expected = rate(rows, lambda row, v=v: v in row[0]) - rate(rows, lambda row: True)
        assert gaps.loc[f"g:{v}", "gap"] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    gaps = evaluation.gaps("false_positive_rate", 0.5, reference={"g": values[0]})
    for row in gaps.itertuples():
        names, texts = row.slice.split(":")
        named = dict(zip(names.split("_X_"), texts.split("_X_"), strict=True))
        crossed = named.get("h")
        expected = rate(rows, lambda r, n=named: n["g"] in r[0] and n.get("h") in (None, r[1])) - \
            rate(rows, lambda r, h=crossed: values[0] in r[0] and h in (None, r[1]))
        assert row.gap == pytest.approx(expected, abs=1e-12, nan_ok=True)
        if not np.isnan(row.gap):
            assert -1 <= row.lower <= row.gap + 1e-12 and row.gap - 1e-12 <= row.upper <= 1


def test_disjoint_slices_get_newcombes_interval():
    rows = [([v], "x", False, flagged, 1.0) for v, k, n in (("a", 7, 40), ("b", 3, 60))
            for flagged in [True] * k + [False] * (n - k)]
    gap = evaluated(rows, weighted=False).gaps("false_positive_rate", 0.5, reference={"g": "b"}).iloc[0]
    assert (gap["lower"], gap["upper"]) == pytest.approx(
        confint_proportions_2indep(7, 40, 3, 60, method="newcomb", compare="diff"), abs=1e-9)
    # Slice minus overall is (n_rest / n) x (slice - rest), of which the share is drawn, too: at each bound
    # bound^2 x V(share) / share^2 is added.
    whole = evaluated(rows, weighted=False).gaps("false_positive_rate", 0.5).set_index("slice").loc["g:a"]
    assert whole["gap"] == pytest.approx(0.6 * gap["gap"])
    relative = 40 / 100 * 60 / 100 / 100 / 0.6**2
    for name in ("lower", "upper"):
        fixed, bound = 0.6 * (gap[name] - gap["gap"]), whole[name]
        assert (bound - whole["gap"]) ** 2 == pytest.approx(fixed**2 + 1.959963984540054**2 * relative * bound**2)
        assert np.sign(bound) == np.sign(gap[name])


def test_a_gap_without_negatives_says_why():
    rows = [(["a"], "x", True, True, 1.0), (["b"], "x", False, True, 1.0)]
    gaps = evaluated(rows).gaps("false_positive_rate", 0.5, reference={"g": "b"})
    assert gaps["note"].tolist()[0] == "undefined: no negatives in this slice"
    gaps = evaluated(rows).gaps("false_positive_rate", 0.5, reference={"g": "a"})
    assert gaps["note"].tolist()[0] == "undefined: no negatives in the reference"


@pytest.mark.parametrize("arguments, says", [
    ({"metric": "fpr"}, "no rate 'fpr'"),
    ({"metric": "false_positive_rat"}, "'false_positive_rate' (the nearest)"),
    ({"metric": "recall", "threshold": 0.4}, "this evaluation has no such threshold. Expected: one of [0.5]"),
    ({"metric": "recall", "class_id": 3}, "this evaluation has no such class"),
    ({"metric": "recall", "reference": {"x": "a"}}, "no slice of this evaluation has the feature 'x'"),
    ({"metric": "recall", "reference": {"g": "d"}}, "no example has g = 'd'"),
    ({"metric": "recall", "reference": "a"}, "a reference names a slice"),
])
def test_bad_questions_are_named(arguments, says):
    evaluation = evaluated([(["a"], "x", True, True, 1.0), (["b"], "y", False, True, 1.0)])
    with pytest.raises(FairkitError) as error:
        evaluation.gaps(**arguments)
    assert says in str(error.value)
