"""Gaps by slice: of one model with their intervals, or before and after as arrows."""

import numpy as np
import pandas as pd

from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.comparison import Comparison
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.heading import write_heading
from fairkit.view.plots.labels import count_text, drawn_text, legend_text, percent_axis, rate_of, slice_text, title_on
from fairkit.view.plots.rate_numbers import matched_rows
from fairkit.view.plots.slice_axis import (
    height_of,
    label_rows,
    more_text,
    slice_rows,
    sure_distance,
    value_limits,
    why_missing,
)
from fairkit.view.plots.wanted import checked_names, the_choice, the_class, the_metric, wanted_slices

__all__ = ["plot_gaps"]


def plot_gaps(result, metric: str | None = None, threshold: float | None = None, class_id: int | None = None, by=None,
              reference=None, thresholds: str = "matched", sort: bool = False, names=None, ax=None) -> Display:
    """How far each slice lies above or below its reference: with 95 % intervals; before and after as arrows.

    Of an `Evaluation` each slice has one mark. Of a `Comparison` an arrow leads from the gap before to the gap after,
    each with its interval above and below it, and the verdict on the gap stands beside it.

    Args:
        result: an `Evaluation` or a `Comparison`.
        metric: of an evaluation: a rate, "accuracy" or "auc"; a comparison has its own.
        threshold: one of the evaluation's (of `before`); the middle one if not given.
        class_id: the class that is judged against the rest; the first if not given.
        by: a feature, a tuple of features (their cross), or a list of these; all single features if not given.
        reference: of an evaluation: the slice that gaps are taken against, such as {"color": "blue"}; overall if not
            given. A comparison has its own.
        thresholds: of a comparison: "matched" (equal overall rate) or "unchanged".
        sort: the largest gap (before) first within each feature.
        names: of the two models of a comparison, in the legend.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has the drawn rows of `Evaluation.gaps`, or of `Comparison.frame`.

    Raises:
        FairkitError: for a metric, threshold, class, feature or reference that the result does not have.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0] * 4, groups={"size": ["small", "large"] * 2})
        >>> evaluation = fairkit.evaluate([.9, .1, .2, .3], examples, ["size"], [.5], min_examples=1)
        >>> fairkit.view.plot_gaps(evaluation, reference={"size": "large"}).frame[["slice", "gap"]].values.tolist()
        [['size:small', 0.5]]
    """
    if isinstance(result, Comparison):
        return _compared(result, metric, threshold, class_id, by, reference, thresholds, sort, names, ax)
    if not hasattr(result, "gaps"):
        raise FairkitError("gaps are drawn of an evaluation or a comparison",
                           "what fairkit.evaluate or fairkit.compare gives", type(result).__name__)
    metric = the_metric(result, metric, class_id)
    if metric not in ("accuracy", "auc"):
        threshold = the_choice("threshold", threshold, result.thresholds)
    if metric != "accuracy" or class_id is not None:
        class_id = the_class(result, class_id)
    table = result.gaps(metric, threshold if metric not in ("accuracy", "auc") else None, reference, class_id)
    by_key = _by_key(table, result.keys)
    rows, left_out, frame = _rows(by_key, by, sort, "gap")
    axes = drawing(ax, 7.2, height_of(rows))
    style, few, ends = styles_for(["blue"])[0], False, [0.0]
    for row in rows:
        if row.key is not None:
            found = by_key[row.key]
            few |= str(found["note"]).startswith("too few")
            ends += _mark(axes[0, 0], row.place, found, "gap", style, str(found["note"]).startswith("too few"))
    counts = {key: f"n = {count_text(row['denominator'])}" for key, row in by_key.items()
              if np.isfinite(row["denominator"])}
    title = "Gap in " + _lower_title(metric, threshold if metric not in ("accuracy", "auc") else None, class_id)
    against = "overall" if not reference else " and ".join(slice_text((pair,)) for pair in reference.items())
    _finish(axes[0, 0], rows, ends, counts, metric, title, against, few, left_out, ax is None)
    return Display("gaps", frame, axes, _alt(frame, title, against, ("gap",)), ax is not None)


def _compared(comparison, metric, threshold, class_id, by, reference, thresholds, sort, names, ax):
    if metric not in (None, comparison.metric):
        raise FairkitError(f"this comparison is about {quote(comparison.metric)}",
                           f"fairkit.compare(before, after, metric={quote(metric)})", f"metric={quote(metric)}")
    if reference is not None and dict(reference) != comparison.reference:
        raise FairkitError("a comparison has its own reference", f"{comparison.reference or 'overall'}",
                           quote(reference))
    names = checked_names(names, 2)
    place = matched_rows(comparison, thresholds, threshold, class_id)
    match, size = comparison.matches[place], len(comparison.before.keys)
    table = comparison.frame.iloc[place * size:(place + 1) * size]
    by_key = _by_key(table[table["reference"].notna()], comparison.before.keys)
    rows, left_out, frame = _rows(by_key, by, sort, "gap_before")
    axes = drawing(ax, 7.6, height_of(rows, 3) + 0.3)
    area, few, ends = axes[0, 0], False, [0.0]
    before, after = styles_for(["before", "after"])
    for row in rows:
        if row.key is not None:
            found = by_key[row.key]
            hollow = str(found["note"]).startswith("too few")
            few |= hollow
            ends += _arrow(area, row.place, found, (before, after), hollow)
    for name, style in zip(names, (before, after), strict=True):
        area.plot([], [], style.marker, color=style.color, label=legend_text(drawn_text(name)), markersize=6)
    counts = {key: f"n = {count_text(row['denominator'])}" for key, row in by_key.items()}
    equal = match.before == match.after
    title = "Gap in " + _lower_title(comparison.metric, match.before if equal else None, match.class_id)
    if not equal:
        title += f"\nat thresholds {match.before:.4g} and {match.after:.4g}" + (
            f" (equal {'share of positives' if comparison.metric == 'accuracy' else 'overall rate'})"
            if match.kind == "matched" else "")
    against = "overall" if not comparison.reference else " and ".join(
        slice_text((pair,)) for pair in comparison.reference.items())
    _finish(area, rows, ends, counts, comparison.metric, title, against, few, left_out, ax is None)
    return Display("gaps", frame, axes, _alt(frame, title, against, ("gap_before", "gap_after")), ax is not None)


def _by_key(table, keys):
    """dict of slice key -> row: the rows have the order of the keys, some of which have none."""
    rows, found = iter(table.to_dict("records")), {}
    row = next(rows, None)
    for key in keys:
        if row is not None and row["slice"] == slice_name(key) and row["reference"] is not None:
            found[key] = row
            row = next(rows, None)
    return found


def _rows(by_key, by, sort, column):
    families = wanted_slices(by_key, by)
    if sort:
        families = {family: sorted(keys, key=lambda key: -np.nan_to_num(abs(by_key[key][column]), nan=-1.0))
                    for family, keys in families.items()}
    rows, left_out = slice_rows(families, overall=False, matters=None if sort else lambda key: sure_distance(
        0.0, *(float(by_key[key][name]) for name in _columns(column)[1:])))
    return rows, left_out, pd.DataFrame([by_key[key] for keys in families.values() for key in keys])


def _mark(ax, place, row, column, style, hollow, marker_place=None):
    """One gap with its interval, or the reason why there is none; returns the ends of what was drawn."""
    value, low, high = (float(row[name]) for name in _columns(column))
    if np.isnan(value):
        why_missing(ax, place, row["note"])
        return []
    ax.hlines(place, low, high, color=style.color, linewidth=1.6, alpha=0.55 if hollow else 1, zorder=2)
    ax.plot([value], [place if marker_place is None else marker_place], style.marker, color=style.color, markersize=6,
            markerfacecolor="white" if hollow else style.color, markeredgewidth=1.4, zorder=4)
    return [x for x in (value, low, high) if np.isfinite(x)]


def _columns(column):
    return (column, "lower", "upper") if column == "gap" else (column, f"{column}_lower", f"{column}_upper")


def _arrow(ax, place, row, styles, hollow):
    if np.isnan(row["gap_before"]) or np.isnan(row["gap_after"]):
        why_missing(ax, place, row["note"])
        return []
    ends = []
    for column, style, offset in (("gap_before", styles[0], -0.2), ("gap_after", styles[1], 0.2)):
        ends += _mark(ax, place + offset, row, column, style, hollow)
    ax.annotate("", (row["gap_after"], place + 0.2), (row["gap_before"], place - 0.2), zorder=3,
                arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.3, "shrinkA": 4, "shrinkB": 4})
    verdict = row["gap_verdict"]
    bold = "bold" if verdict not in ("no evidence", "undefined") else "normal"
    ax.annotate(verdict, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize="small",
                fontweight=bold, color=INK if bold == "bold" else GRAY, annotation_clip=False)
    return ends


def _finish(ax, rows, ends, counts, metric, title, against, few, left_out, own):
    share = rate_of(metric) is not None
    value_limits(ax, min(ends), max(ends), False)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, -0.04 * (high - low)), max(high, 0.04 * (high - low)))
    ax.axvline(0, color=INK, linewidth=1, zorder=1)
    if share:
        percent_axis(ax.xaxis, signed=True)
    label_rows(ax, rows, counts)
    unit = ", in percentage points" if share else ""
    better = rate_of(metric).better if share else "higher"
    worse = {"lower": "right of 0 is worse", "higher": "left of 0 is worse"}.get(better)
    ax.set_xlabel(f"slice minus {against}{unit}, with 95 % intervals"
                  + (f"\n{worse} than {against}" if worse else "")
                  + ("; hollow: too few examples" if few else "") + more_text(left_out),
                  color=INK, fontsize="small", loc="left")
    write_heading(ax, title, own)


def _lower_title(metric, threshold, class_id):
    title = title_on(metric, threshold, class_id)
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _alt(frame, title, against, columns):
    said = [f"{r['slice']} " + " to ".join(f"{100 * r[c]:+.1f}" for c in columns)
            for r in frame.head(8).to_dict("records")]
    more = f" and {len(frame) - 8} more" if len(frame) > 8 else ""
    return f"{title}, against {against}, times 100: {', '.join(said)}{more}.".replace("\n", " ")
