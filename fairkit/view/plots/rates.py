"""Rates by slice with their intervals: of one model, or of several side by side."""

import numpy as np
import pandas as pd

from fairkit.errors import FairkitError, nearest, quote
from fairkit.view.plots.colors import GRAY, INK, styles_for
from fairkit.view.plots.display import Display, drawing
from fairkit.view.plots.heading import write_heading
from fairkit.view.plots.labels import (
    capital,
    count_text,
    drawn_text,
    legend_text,
    percent,
    percent_axis,
    plain_text,
    rate_of,
    slice_text,
    title_on,
)
from fairkit.view.plots.rate_numbers import SHOWN, as_errors, results_of
from fairkit.view.plots.reference import reference_value
from fairkit.view.plots.slice_axis import (
    height_of,
    label_rows,
    more_text,
    slice_rows,
    spread,
    sure_distance,
    value_limits,
    why_missing,
)
from fairkit.view.plots.wanted import wanted_slices
from fairkit.view.wording import spoken

__all__ = ["frame_of", "plot_rates"]

_MOST_HUES = 7


def plot_rates(*evaluations, metric: str | None = None, threshold: float | None = None, class_id: int | None = None,
               by=None, hue: str | bool | None = None, show: str = "rate", sort: bool = False, reference=None,
               thresholds: str = "matched", names=None, ax=None) -> Display:
    """A metric by slice with its 95 % intervals, of one model or of several side by side.

    Slices whose denominator has fewer examples than the evaluation's `min_examples` have hollow marks; where a rate is
    undefined the reason stands instead of a mark. The dashed line is the overall value, or the reference's.

    Args:
        evaluations: one `Evaluation` or several, or one `Comparison`.
        metric: any metric of the evaluation. By default a comparison's own; accuracy where a model tells several
            classes apart and none is named; else "false_positive_rate".
        threshold: one of the evaluation's (of `before`); the middle one if not given.
        class_id: the class that is judged against the rest; the first if not given.
        by: a feature, a tuple of features (their cross), or a list of these; all single features if not given.
        hue: for one cross and one model: the feature told apart by colour (at most 7 values), so that the other values
            share a row. By default the last one named in `by`; False gives each slice its row.
        show: "rate", or "error": the rate itself where lower is better, and 1 - rate where higher is better.
        sort: the worst first within each feature (the largest, where neither is better), as the first model has them.
        reference: a dict that names the slice of the dashed line, such as {"color": "blue"}; overall if not given,
            False draws none.
        thresholds: of a comparison: "matched" (equal overall rate) or "unchanged".
        names: of the models, in the legend.
        ax: `matplotlib.axes.Axes` to draw on.

    Returns:
        `Display`; its frame has a row for each model and slice: model, slice, metric, class, threshold, value, lower,
        upper, numerator, denominator, examples, note.

    Raises:
        FairkitError: for a metric, threshold, class, feature or reference that is not there.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["orange", "blue"] * 4})
        >>> evaluation = fairkit.evaluate([.9, .1, .9, .1, .9, .1, .2, .8], examples, ["color"], [.5], min_examples=1)
        >>> display = fairkit.view.plot_rates(evaluation)
        >>> display.frame[["slice", "value"]].values.tolist()
        [['Overall', 0.5], ['color:blue', 0.25], ['color:orange', 0.75]]
    """
    if show not in SHOWN:
        raise FairkitError(f"there is no show={quote(show)}", nearest(show, SHOWN), quote(show))
    results, paired = results_of(evaluations, metric, threshold, class_id, thresholds, names)
    rate = rate_of(results[0].metric)
    named = (spoken(results[0].metric), rate.share if rate else None, None)
    if show == "error":
        named, results = as_errors(results[0]), [as_errors(result)[2] for result in results]
    first = results[0]
    keys = list(dict.fromkeys(key for result in results for key in result.rows))
    families = wanted_slices(keys, by)
    if sort:
        families = {family: _worst_first(first, found, show) for family, found in families.items()}
    line = reference_value(results, reference)
    hued = _hue(by, hue, families, len(results))
    if hued is None:
        overall = float(first.rows[()]["value"]) if () in first.rows else float("nan")
        rows, left_out = slice_rows(families, overall=() in first.rows, matters=None if sort else lambda key: max(
            sure_distance(overall, float(result.rows[key]["lower"]), float(result.rows[key]["upper"]))
            for result in results if key in result.rows))
        series = [(drawn_text(result.name), {row.key: result.rows.get(row.key) for row in rows if row.key is not None})
                  for result in results]
    else:
        rows, left_out, series = _by_hue(first, families, hued)
    axes = drawing(ax, 7.2, height_of(rows, len(series)) + (0.3 if len(series) > 1 else 0))
    _draw(axes[0, 0], rows, series, line, rate)
    chosen = [(), *(key for found in families.values() for key in found)]
    few = any(str(result.rows[key]["note"]).startswith("too few") for result in results for key in chosen
              if key in result.rows)
    _write(axes[0, 0], results, named, show, paired, few, left_out, ax is None)
    frame = frame_of(results, chosen)
    return Display("rates", frame, axes, _alt(frame, axes[0, 0].get_title(loc="left")), ax is not None)


def _worst_first(result, keys, show):
    rate = rate_of(result.metric)
    lowest = show != "error" and rate is not None and rate.better == "higher"
    values = [result.rows[key]["value"] if key in result.rows else np.nan for key in keys]
    return [keys[i] for i in np.argsort(np.array(values) * (1 if lowest else -1), kind="stable")]


def _hue(by, hue, families, models):
    """The feature told apart by colour, or None."""
    if hue is False or models > 1 or len(families) != 1 or len(next(iter(families))) < 2:
        if isinstance(hue, str):
            raise FairkitError("hue tells one feature of one cross of one model apart",
                               "by= a tuple of features, and one evaluation", f"hue={quote(hue)}")
        return None
    (family, keys), = families.items()
    chosen = hue if isinstance(hue, str) else by[-1] if isinstance(by, tuple) else family[-1]
    if chosen not in family:
        raise FairkitError(f"{quote(chosen)} is no feature of this cross", nearest(chosen, family), quote(chosen))
    values = {dict(key)[chosen] for key in keys}
    if len(values) > _MOST_HUES:
        if isinstance(hue, str):
            raise FairkitError("colours tell only a few values apart", f"a feature with at most {_MOST_HUES} values",
                               f"{quote(chosen)} with {len(values)}")
        return None
    return chosen


def _by_hue(result, families, hue):
    """(rows, slices left out, series) of a cross whose rows are what is left of the keys without one feature."""
    (family, keys), = families.items()
    rest = {}
    for key in keys:
        rest.setdefault(tuple(part for part in key if part[0] != hue), {})[dict(key)[hue]] = key
    rows, left_out = slice_rows({tuple(f for f in family if f != hue): list(rest)})
    values = list(dict.fromkeys(dict(key)[hue] for key in keys))
    series = [(slice_text(((hue, value),)), {row.key: result.rows[rest[row.key][value]] for row in rows
                                             if row.key in rest and value in rest[row.key]}) for value in values]
    return rows, left_out, [("Overall", {(): result.rows[()]}), *series]


def _draw(ax, rows, series, line, rate):
    crossed = series[0][0] == "Overall"
    drawn = [each for label, each in series if not (crossed and label == "Overall")]
    styles = iter(styles_for([label for label, _ in series[1 if crossed else 0:]]))
    places = {row.key: row.place for row in rows if row.key is not None}
    offsets = iter(spread(len(drawn)))
    ends, counts, said = [], {}, set()
    for label, found in series:
        alone = crossed and label == "Overall"
        style = styles_for(["black"])[0] if alone else next(styles)
        offset = 0.0 if alone else next(offsets)
        for key, row in found.items():
            if row is not None:
                ends += _mark(ax, places[key], offset, row, style, said)
                counts.setdefault(key, []).append(row["denominator"])
        if not alone and len(drawn) > 1:
            ax.plot([], [], style.marker, color=style.color, label=legend_text(label), markersize=6)
    ends += [] if line is None else [line[0]]
    value_limits(ax, min(ends, default=0), max(ends, default=1), rate is not None)
    if line is not None:
        ax.axvline(line[0], color=GRAY, linestyle="--", linewidth=1, zorder=1, label=legend_text(line[1]))
    if rate is not None:
        percent_axis(ax.xaxis)
    texts = {key: "n = " + " / ".join(dict.fromkeys(map(count_text, found))) for key, found in counts.items()
             if not all(np.isnan(found))}
    label_rows(ax, rows, texts)


def _mark(ax, row_place, offset, row, style, said):
    """One value with its interval, or the reason why there is none; returns the ends of what was drawn."""
    value, lower, upper = float(row["value"]), float(row["lower"]), float(row["upper"])
    place = row_place + offset
    if np.isnan(value):
        if row_place not in said:
            why_missing(ax, row_place, row["note"])
            said.add(row_place)
        return []
    few = str(row["note"]).startswith("too few")
    ax.hlines(place, lower, upper, color=style.color, linewidth=1.6, alpha=0.55 if few else 1, zorder=2)
    ax.plot([value], [place], style.marker, color=style.color, markersize=6, zorder=3,
            markerfacecolor="white" if few else style.color, markeredgewidth=1.4)
    return [x for x in (value, lower, upper) if np.isfinite(x)]


def _write(ax, results, named, show, paired, few, left_out, own):
    first, rate = results[0], rate_of(results[0].metric)
    at = [result.threshold for result in results]
    title = title_on(named[0], at[0] if len(set(at)) == 1 else None, first.class_id)
    if len({x for x in at if np.isfinite(x)}) > 1:
        what = "share of positives" if results[0].metric == "accuracy" else "overall rate"
        equal = f" (equal {what})" if paired == "matched" else ""
        title += "\nat thresholds " + " and ".join(f"{x:.4g}" for x in at) + equal
    few = "; hollow: too few examples" if few else ""
    if rate is None:
        about = f"{spoken(first.metric)}, with 95 % intervals where there are any"
    else:
        better = "lower" if show == "error" else rate.better
        about = f"share of the n {rate.among} that are {named[1]},\nwith 95 % intervals"
        about += (f"; {better} is better" if better else "") + few
    ax.set_xlabel(plain_text(about) + more_text(left_out), color=INK, fontsize="small", loc="left")
    write_heading(ax, title, own)


def frame_of(results, keys):
    """The numbers of results as a DataFrame, a row for each and slice key."""
    rows = []
    for result in results:
        for key in keys:
            row = result.rows.get(key)
            if row is not None:
                rows.append({"model": result.name, "slice": row["slice"], "metric": result.metric,
                             "class": result.class_id, "threshold": result.threshold,
                             **{c: row[c] for c in ("value", "lower", "upper", "numerator", "denominator",
                                                    "examples", "note")}})
    frame = pd.DataFrame(rows)
    frame["class"] = np.array([row["class"] for row in rows], object)  # None and class ids stay what they are
    return frame


def _alt(frame, title):
    share = rate_of(frame["metric"].iloc[0]) is not None
    said = [f"{slice_text(()) if r.slice == 'Overall' else r.slice}"
            f"{'' if frame['model'].nunique() == 1 else f' ({r.model})'} "
            f"{percent(r.value) if share else f'{r.value:.4g}'}" for r in frame.head(8).itertuples()]
    more = f" and {len(frame) - 8} more" if len(frame) > 8 else ""
    return capital(f"{title.replace(chr(10), ' ')}, by slice: {', '.join(said)}{more}.")
