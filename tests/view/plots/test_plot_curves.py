"""Curves, calibration and confusion matrices by slice against scikit-learn; rates by threshold against evaluate."""

import json

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

import fairkit
from fairkit import FairkitError
from fairkit.view import (
    plot_calibration,
    plot_confusion,
    plot_precision_recall,
    plot_roc,
    plot_thresholds,
)
from fairkit.view.plots.colors import INK

CASES = ["comments", "weighted"]


def part(case, name):
    """(labels, scores, weights) of a slice by religion."""
    examples, scores, _ = case
    mask = np.ones(len(scores), bool) if name == "Overall" else \
        examples.groups["religion"].match("religion", name.split(":")[1])
    return examples.labels[mask], scores[mask], None if examples.weights is None else examples.weights[mask]


def line_of(ax, text):
    """The (x, y) of the line whose legend begins with a text."""
    (line,) = [line for line in ax.lines if str(line.get_label()).startswith(text)]
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


@pytest.fixture(params=CASES)
def case(request):
    return request.getfixturevalue(request.param)


def test_roc_is_scikit_learns(case):
    display = plot_roc(case[2], "religion")
    for name, frame in display.frame.groupby("slice", sort=False):
        labels, scores, weights = part(case, name)
        fpr, tpr, _ = metrics.roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
        x, y = line_of(display.ax, "overall" if name == "Overall" else name.split(":")[1])
        np.testing.assert_allclose(x[::-1], fpr, atol=1e-12)
        np.testing.assert_allclose(y[::-1], tpr, atol=1e-12)
        assert frame["false_positive_rate"].tolist() == x.tolist()
        area = metrics.roc_auc_score(labels, scores, sample_weight=weights)
        assert any(f": AUC {area:.3f}" in t for t in display.ax.get_legend_handles_labels()[1])


def test_precision_recall_is_scikit_learns(case):
    display = plot_precision_recall(case[2], "religion")
    for name in display.frame["slice"].unique():
        labels, scores, weights = part(case, name)
        precision, recall, _ = metrics.precision_recall_curve(labels, scores, sample_weight=weights)
        x, y = line_of(display.ax, "overall" if name == "Overall" else name.split(":")[1])
        assert np.isnan(y[-1]) and x[-1] == 0  # where scikit-learn draws its point (0, 1)
        np.testing.assert_allclose(x[:-1], recall[:-1], atol=1e-12)
        np.testing.assert_allclose(y[:-1], precision[:-1], atol=1e-12)


def test_marks_stand_at_the_evaluations_threshold(comments):
    _, _, evaluation = comments
    display = plot_roc(evaluation, "gender", threshold=0.25)
    marks = {(line.get_xdata()[0], line.get_ydata()[0]) for line in display.ax.lines
             if line.get_markeredgecolor() == INK and len(line.get_xdata())}
    for gender in ("female", "male"):
        assert (evaluation.value("false_positive_rate", f"gender:{gender}", 0.25),
                evaluation.value("true_positive_rate", f"gender:{gender}", 0.25)) in marks
    assert "undefined: one label is missing" in " ".join(display.ax.get_legend_handles_labels()[1])


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_calibration_is_scikit_learns(comments, strategy):
    display = plot_calibration(comments[2], "religion", bins=6, strategy=strategy)
    for name, frame in display.frame.groupby("slice", sort=False):
        labels, scores, _ = part(comments, name)
        true, predicted = calibration_curve(labels, scores, n_bins=6, strategy=strategy)
        np.testing.assert_allclose(frame["value"], true, atol=1e-12)
        np.testing.assert_allclose(frame["mean_score"], predicted, atol=1e-12)
        assert frame["examples"].sum() == len(labels)
        assert ((frame["lower"] <= frame["value"]) & (frame["value"] <= frame["upper"])).all()
    hollow = sum(len(line.get_xdata()) for line in display.ax.lines if line.get_markerfacecolor() == "white")
    sliced = display.frame[display.frame["slice"] != "Overall"]
    assert hollow == (sliced["examples"] < 30).sum()


def test_weighted_calibration_weighs(weighted):
    frame = plot_calibration(weighted[2], "religion", bins=4).frame
    labels, scores, weights = part(weighted, "Overall")
    inside = (scores > 0.25) & (scores <= 0.5)
    row = frame[(frame["slice"] == "Overall") & (frame["bin_lower"] == 0.25)].iloc[0]
    assert row["value"] == pytest.approx(np.average(labels[inside], weights=weights[inside]))
    assert row["mean_score"] == pytest.approx(np.average(scores[inside], weights=weights[inside]))


def test_curves_come_from_buckets_where_the_rows_are_gone(comments):
    examples, scores, evaluation = comments
    chunks = [fairkit.predict(scores[i:i + 300], examples.take(np.arange(i, min(i + 300, 900))))
              for i in range(0, 900, 300)]
    counted = fairkit.evaluate(chunks, slices=["religion"], thresholds=[0.25, 0.5, 0.75])
    assert counted.predictions is None
    for draw, options in ((plot_roc, {}), (plot_precision_recall, {}), (plot_calibration, {"bins": 7})):
        exact, found = (draw(e, "religion", **options).frame.select_dtypes("number") for e in (evaluation, counted))
        np.testing.assert_allclose(found.to_numpy(float), exact.to_numpy(float), atol=2e-7)
    exact, found = (plot_thresholds(e, by="religion").frame for e in (evaluation, counted))
    between = ~(exact["threshold"] * 1000 % 1 < 1e-6)  # scores have three digits: at these, buckets may round over
    np.testing.assert_allclose(found["value"][between], exact["value"][between], atol=1e-12)


def test_rates_at_thresholds_are_those_of_evaluate(case):
    examples, scores, evaluation = case
    for metric in ("false_positive_rate", "precision"):
        display = plot_thresholds(evaluation, metric, by="gender")
        at = display.frame["threshold"].unique()
        again = fairkit.evaluate(scores, examples, ["gender"], at).frame
        again = again[again["metric"] == metric].set_index(["slice", "threshold"])
        for name, frame in display.frame.groupby("slice", sort=False):
            expected = again.loc[name].loc[frame["threshold"]]
            for column in ("value", "lower", "upper", "numerator", "denominator"):
                np.testing.assert_allclose(frame[column], expected[column], atol=1e-12)
        x, y = line_of(display.ax, "overall")
        np.testing.assert_array_equal(y, display.frame[display.frame["slice"] == "Overall"]["value"])
        assert x.tolist() == at.tolist()


def test_confusion_matrices_are_scikit_learns(digits, comments):
    examples, scores, evaluation = digits
    display = plot_confusion(evaluation, "color")
    assert len(display.axes) == 3
    for panel, color in zip(display.axes[1:], ("blue", "orange")):
        mask = examples.groups["color"].match("color", color)
        expected = metrics.confusion_matrix(examples.labels[mask], scores[mask].argmax(axis=1), normalize="true")
        np.testing.assert_allclose(panel.images[0].get_array(), expected)
        assert panel.get_title().startswith(f"{color} (n = {mask.sum()})")
    examples, scores, evaluation = comments
    display = plot_confusion(evaluation, by=(), threshold=0.25)
    expected = metrics.confusion_matrix(examples.labels, scores > 0.25)
    assert display.frame["count"].tolist() == expected.ravel().tolist()
    assert "too few" in plot_confusion(evaluation, "religion").axes[-1].get_title()


def test_curves_that_cannot_be_had_are_refused(comments, digits, tmp_path):
    evaluation = comments[2]
    with pytest.raises(FairkitError, match="one of \\[0, 1, 2\\]"):
        plot_roc(digits[2], class_id=7)
    with pytest.raises(FairkitError, match="at most 12 slices"):
        plot_roc(evaluation, ["religion", ("religion", "gender")])
    with pytest.raises(FairkitError, match="'quantile' \\(the nearest\\)"):
        plot_calibration(evaluation, strategy="quantiles")
    with pytest.raises(FairkitError, match="2 or more"):
        plot_calibration(evaluation, bins=1)
    with pytest.raises(FairkitError, match="'recall' \\(the nearest\\)"):
        plot_thresholds(evaluation, "recal")
    with pytest.raises(FairkitError, match="curves are drawn of an evaluation"):
        plot_roc({"loss": [1]})
    evaluation.save(tmp_path / "run")
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    del about["parts"]["predictions.parquet"]   # as of a run whose predictions were not kept
    (tmp_path / "run" / "run.json").write_text(json.dumps(about))
    (tmp_path / "run" / "predictions.parquet").unlink()
    with pytest.raises(FairkitError, match="neither scores nor score buckets"):
        plot_roc(fairkit.load_evaluation(tmp_path / "run"))


def test_a_long_legend_leaves_room_for_the_curves_and_is_not_cut():
    rng = np.random.default_rng(0)
    names = rng.choice([f"a rather long name of a place {i}" for i in range(12)], 600)
    examples = fairkit.Examples(labels=(names == names[0]).astype(int), groups={"place": names})
    display = fairkit.evaluate(rng.random(600), examples, ["place"], [0.5]).plot("roc")
    display._repr_png_()
    figure = display.figure
    assert display.ax.get_position().width * figure.get_size_inches()[0] > 3
    legend = display.ax.get_legend().get_window_extent()
    assert display.ax.yaxis.label.get_window_extent().x0 >= 0
    assert figure.bbox.x0 <= legend.x0 and legend.x1 <= figure.bbox.x1 and legend.y0 >= figure.bbox.y0
