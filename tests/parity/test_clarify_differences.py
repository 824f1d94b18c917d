"""Where smclarify 0.5 is wrong: what it says, and the right value, worked here."""

import math

import pandas as pd
import pytest

from fairkit.bias import bias_report

ASKED = {"label": "truth", "facet": "side", "facet_values": ["d"]}


def rows(*groups):
    """A frame of (side, truth, said) rows, each so many times."""
    return pd.DataFrame([group[:3] for group in groups for _ in range(group[3])], columns=["side", "truth", "said"])


def ours(frame, methods, positive="yes", **options):
    return bias_report(frame, "truth", positive, "side", "d", predictions="said", methods=methods, **options)


def theirs(smclarify, frame, **options):
    return smclarify(columns=frame.to_dict("list"), **{**ASKED, "positive": ["yes"], "predicted": "said", **options})


def test_a_label_that_one_side_lacks_is_dropped_there(smclarify):
    """P_a = (3/4, 1/4, 0), P_d = (0, 1/4, 3/4): it compares the middle label alone, which both have alike."""
    frame = rows(("a", "x", "x", 3), ("a", "y", "x", 1), ("d", "y", "x", 1), ("d", "z", "x", 3))
    wrong = smclarify(columns=frame.to_dict("list"), functions=True, **ASKED)
    report = ours(frame, ["KL", "JS", "LP", "TVD", "KS"], ["x"], distributions="values")
    right = {"KL": math.inf, "JS": .75 * math.log(2), "LP": math.sqrt(2 * .75**2), "TVD": .75, "KS": .75}
    for short, value in right.items():
        assert wrong[short] == pytest.approx(0) and report.value(short) == pytest.approx(value)


def test_its_divergence_goes_below_zero(smclarify):
    """P_a = (1/2, 1/2, 0), P_d = (1, 0, 0): only the first label is compared, 1/2 ln(1/2) = -.347."""
    frame = rows(("a", "x", "x", 2), ("a", "y", "x", 2), ("d", "x", "x", 4))
    wrong = smclarify(columns=frame.to_dict("list"), functions=True, **ASKED)
    report = ours(frame, ["KL", "TVD"], ["x"], distributions="values")
    assert wrong["KL"] == pytest.approx(-math.log(2) / 2) and wrong["TVD"] == pytest.approx(.25)
    assert report.value("KL") == math.inf and report.value("TVD") == .5


def test_disjoint_labels_are_an_exception_there(smclarify):
    frame = rows(("a", "x", "x", 2), ("d", "y", "x", 2))
    wrong = smclarify(columns=frame.to_dict("list"), functions=True, **ASKED)
    report = ours(frame, ["KL", "JS", "LP", "TVD", "KS"], ["x"], distributions="values")
    assert "ValueError" in wrong["KL"] and "ValueError" in wrong["TVD"]
    assert report.value("JS") == pytest.approx(math.log(2)) and report.value("TVD") == 1
    assert report.value("LP") == pytest.approx(math.sqrt(2)) and report.value("KS") == 1


def test_the_same_in_its_report_of_binary_labels(smclarify):
    """Nobody in facet d is labelled positive: P_a = (1/2, 1/2), P_d = (1, 0)."""
    frame = rows(("a", "yes", "yes", 4), ("a", "no", "no", 4), ("d", "no", "yes", 2), ("d", "no", "no", 2))
    wrong = theirs(smclarify, frame)["d"]
    report = ours(frame, ["KL", "TVD", "JS"])
    assert wrong["TVD"] == pytest.approx(.25) and wrong["KL"] == pytest.approx(.5 * math.log(.5))
    assert report.value("TVD") == .5 and report.value("KL") == math.inf
    middle = (.25, .75)
    right = (.5 * math.log(.5 / middle[0]) + .5 * math.log(.5 / middle[1]) + math.log(1 / middle[1])) / 2
    assert report.value("JS") == pytest.approx(right)


@pytest.mark.parametrize(("frame", "short", "said", "reason"), [
    (rows(("a", "yes", "yes", 3), ("a", "no", "no", 3), ("d", "no", "yes", 1), ("d", "no", "no", 2)), "RD", 1.0,
     "undefined: no positives in facet d"),
    (rows(("a", "yes", "yes", 3), ("a", "no", "no", 3), ("d", "yes", "no", 1), ("d", "no", "no", 2)), "DAR", 1.0,
     "undefined: no predicted positives in facet d"),
    (rows(("a", "yes", "yes", 3), ("a", "no", "no", 3), ("d", "yes", "no", 1), ("d", "yes", "yes", 2)), "SD", -1.0,
     "undefined: no negatives in facet d"),
    (rows(("a", "yes", "yes", 3), ("a", "no", "no", 3), ("d", "yes", "yes", 1), ("d", "no", "yes", 2)), "DRR", -1.0,
     "undefined: no predicted negatives in facet d"),
    (rows(("a", "yes", "no", 3), ("a", "no", "yes", 3), ("d", "yes", "yes", 1), ("d", "no", "no", 2)), "TE", -1.0,
     "undefined: 0 over 0, no false positives in facet d"),
    (rows(("a", "yes", "yes", 3), ("a", "no", "no", 3), ("d", "no", "no", 3)), "DCA", 1.0,
     "undefined: 0 over 0, no positive predictions in facet d"),
    (rows(("a", "yes", "yes", 3), ("a", "no", "no", 3), ("d", "yes", "yes", 3)), "DCR", -1.0,
     "undefined: 0 over 0, no negative predictions in facet d"),
])
def test_what_is_undefined_is_zero_there(smclarify, frame, short, said, reason):
    """0 / 0 taken for 0 reads as a gap as large as can be."""
    assert theirs(smclarify, frame)["d"][short] == said
    report = ours(frame, [short])
    assert math.isnan(report.value(short)) and report.frame["note"][0] == reason
    assert report.frame["excludes_fair"].isna()[0]


def test_disparate_impact_of_nobody(smclarify):
    """Nobody is predicted positive: it refuses the whole stage, and its function says 0, as if d were never chosen."""
    frame = rows(("a", "yes", "no", 3), ("a", "no", "no", 3), ("d", "yes", "no", 1), ("d", "no", "no", 2))
    assert "post_training" in theirs(smclarify, frame)
    report = ours(frame, ["DI", "AD"])
    assert math.isnan(report.value("DI")) and report.frame["note"][0] == "undefined: no example is predicted positive"
    assert report.value("AD") == pytest.approx(1 / 2 - 2 / 3)


def test_differences_of_two_infinite_ratios(smclarify):
    """Both sides have false negatives and no false positive: no difference of infinities, where it says 0."""
    frame = rows(("a", "yes", "no", 3), ("a", "no", "no", 2), ("a", "yes", "yes", 1), ("d", "yes", "no", 1),
                 ("d", "no", "no", 2))
    assert theirs(smclarify, frame)["d"]["TE"] == 0
    assert math.isnan(ours(frame, ["TE"]).value("TE"))


def test_a_stratum_with_one_outcome_counts_as_zero_there(smclarify):
    """Stratum v holds positive labels only: its disparity is undefined; there it is 0 - 1/2 at weight 2 / 6."""
    frame = pd.DataFrame({"side": list("adadad"), "truth": ["no", "no", "yes", "no", "yes", "yes"],
                          "job": list("uuuuvv")})
    wrong = smclarify(columns=frame.to_dict("list"), group="job", **{**ASKED, "positive": ["yes"]})["d"]
    report = bias_report(frame, "truth", "yes", "side", "d", group="job", methods=["CDDL"])
    assert wrong["CDDL"] == pytest.approx((4 * (2 / 3) + 2 * (0 - 1 / 2)) / 6)
    assert report.value("CDDL") == pytest.approx(2 / 3) and "1 of 2 strata" in report.frame["note"][0]


def test_few_rows_with_whole_labels(smclarify):
    """0 and 1 in 12 rows: 2 / 12 distinct is above 5 %, so that 1 becomes a threshold, above which there is nothing."""
    frame = rows(("a", 1, 1, 4), ("a", 0, 0, 2), ("d", 1, 1, 2), ("d", 0, 0, 4))
    wrong = theirs(smclarify, frame, positive=[1])
    assert wrong["d"]["DPL"] == 0 and wrong["post_training"].startswith("ValueError: No Label values are present")
    assert ours(frame, ["DPL"], 1).value("DPL") == pytest.approx(4 / 6 - 2 / 6)


def test_labels_that_are_floats(smclarify):
    """1.0 and 2.0 as floats: the positive value 1 becomes a threshold, and 2 counts as positive in its place."""
    frame = rows(("a", 1.0, 1.0, 40), ("a", 2.0, 2.0, 20), ("d", 1.0, 1.0, 20), ("d", 2.0, 2.0, 40))
    wrong = theirs(smclarify, frame, positive=[1])["d"]
    assert wrong["DPL"] == pytest.approx(20 / 60 - 40 / 60)
    assert ours(frame, ["DPL"], 1).value("DPL") == pytest.approx(40 / 60 - 20 / 60)


def test_a_missing_facet_value_is_no_member_of_the_rest(smclarify):
    """Ten rows without a value, all positive: there they are "not d" and raise facet a from 4/8 to 14/18."""
    frame = rows(("a", "yes", "yes", 4), ("a", "no", "no", 4), ("d", "yes", "yes", 2), ("d", "no", "no", 4),
                 (None, "yes", "yes", 10))
    assert theirs(smclarify, frame)["d"]["DPL"] == pytest.approx(14 / 18 - 2 / 6)
    report = ours(frame, ["DPL"])
    assert report.value("DPL") == pytest.approx(4 / 8 - 2 / 6) and report.missing == {"side": 10}
