"""What a comparison says, as lines of at most 100 columns for a terminal."""

import re
import textwrap

import numpy as np

from fairkit.counts.slices import slice_name
from fairkit.view.description import shortened
from fairkit.view.text import aligned_table, interval, plain

__all__ = ["comparison_text", "gap_summary", "most_slices"]

_WIDTH = 100
_LONGEST = 34  # of a slice's name: beside it a rate before and after, its change with interval, and a verdict have room


def comparison_text(comparison, limit=None):
    """What changed, in lines of at most 100 columns: rates by slice, gaps with intervals, quality, what got worse.

    Args:
        comparison: a `Comparison`.
        limit: slices shown for each pair of thresholds: of more, those whose gap before or after is surely largest.
            They stand by their gap before, the largest first, after overall and the slice of the reference. 12, or 5
            where more than four pairs of thresholds were compared, if not given.
    """
    lines, size = [], len(comparison.before.keys)
    limit = most_slices(comparison) if limit is None else limit
    for place, match in enumerate(comparison.matches):
        rows = comparison.frame.iloc[place * size:(place + 1) * size]
        lines += [_wrapped(_heading(comparison.metric, match)), *_tables(rows, comparison.reference, limit), ""]
    return "\n".join([*lines, *_closing(comparison)])


def most_slices(comparison):
    """How many slices are shown for each pair of thresholds, beside overall, where no limit is given."""
    return 12 if len(comparison.matches) <= 4 else 5


def _heading(metric, match):
    name = metric.replace("_", " ") + ("" if match.class_id is None else f" of class {match.class_id}")
    overall = f"overall {plain(match.rate_before, 4)} and {plain(match.rate_after, 4)}"
    if match.before is None:
        return f"{name} of the class with the highest score ({overall})"
    how = f"{match.kind} by share of positives" if (match.kind, metric) == ("matched", "accuracy") else match.kind
    at = f"threshold {match.before:.4g}" if match.kind == "unchanged" else \
        f"thresholds {match.before:.4g} and {match.after:.4g}"
    return f"{name} at {at} ({how}; {overall})"


def _tables(rows, reference, limit):
    """Lines of one pair of thresholds: the rates of the slices, then their gaps."""
    compared = rows[rows["gap_before"].notna()]
    compared = compared.iloc[np.argsort(-compared["gap_before"].abs(), kind="stable")]
    # Of thousands of slices the largest gaps are those of the fewest examples, which say nothing.
    surely = np.fmax(_at_least(compared, "gap_before"), _at_least(compared, "gap_after"))
    shown = compared.iloc[np.sort(np.argsort(-surely, kind="stable")[:limit])]
    against = slice_name(tuple(sorted(reference.items())))
    first = rows[rows["slice"].isin({"Overall", against}) & ~rows["slice"].isin(shown["slice"])]
    rates = [["slice", "n", "before", "after", "change (95 % interval)", "verdict"]]
    for r in [*first.itertuples(), *shown.itertuples()]:
        rates.append([_name(r.slice), f"{r.denominator:.0f}", plain(r.before, 4), plain(r.after, 4),
                      interval(r.change, r.change_lower, r.change_upper), r.verdict])
    gaps = [[f"slice - {_name(against, _LONGEST - 8)}", "gap before", "gap after", "change of the gap", "gap is"]]
    for r in shown.itertuples():
        gaps.append([_name(r.slice), interval(r.gap_before, r.gap_before_lower, r.gap_before_upper),
                     interval(r.gap_after, r.gap_after_lower, r.gap_after_upper),
                     interval(r.gap_change, r.gap_change_lower, r.gap_change_upper), r.gap_verdict])
    hidden = len(compared) - len(shown)
    return [*aligned_table(rates), *(_within(gaps, (1, 2), (3, 4)) if len(gaps) > 1 else []),
            *([f"  and {hidden} more slices, all in frame"] if hidden > 0 else [])]


def _at_least(rows, gap):
    """(rows,) how far the interval of a gap lies from 0; 0 where it holds 0, or there is none."""
    lower, upper = (np.nan_to_num(rows[f"{gap}_{end}"].to_numpy(float)) for end in ("lower", "upper"))
    return np.maximum(np.maximum(lower, -upper), 0)


def _within(grid, *groups):
    """Lines of a table; where it is wider than 100 columns as a table for each group, all with the first column."""
    whole = aligned_table(grid)
    if max(map(len, whole)) <= _WIDTH:
        return whole
    return [line for group in groups for line in aligned_table([[row[k] for k in (0, *group)] for row in grid])]


def _name(name, longest=_LONGEST):
    """The name of a slice, with its end where it is too long: values stand there."""
    name = shortened(name, len(name))
    return name if len(name) <= longest else f"{name[:longest // 3]}…{name[longest // 3 + 1 - longest:]}"


def _wrapped(line):
    """A line in at most 100 columns, broken between words but not within an interval or short brackets."""
    start = line[:len(line) - len(line.lstrip())]
    kept = re.sub(r"\[[^][]*\]|\([^()]{,40}\)", lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), line)
    return textwrap.fill(kept, _WIDTH, subsequent_indent=start + "  ", break_on_hyphens=False).replace(
        "\N{NO-BREAK SPACE}", " ")


def gap_summary(comparison, slice_, threshold, limit=8):
    """The story of one gap in a few lines: rates of the single features, the gap before and after, what was paid.

    Args:
        comparison: a `Comparison` of one class or of binary scores.
        slice_: the name of the slice that the story is about, such as "color:orange".
        threshold: the threshold of `before`.
        limit: slices shown; the one in question and its reference come first.
    """
    metric, lines = comparison.metric.replace("_", " "), []
    for kind in ("unchanged", "matched"):
        rows = comparison.rows(kind, threshold)
        row = rows[rows["slice"] == slice_].iloc[0]
        where = "the same threshold" if kind == "unchanged" else "equal overall rate"
        lines.append(f"{metric} at {where}: {row['threshold_before']:.3g} before, {row['threshold_after']:.3g} after")
        single = rows[~rows["slice"].str.contains("_X_", regex=False)]
        first = single["slice"].map({slice_: 0, row["reference"]: 1}).fillna(2)
        grid = [["slice", "n", "before", "after", "change (95 % interval)"]]
        for r in single.iloc[np.argsort(first, kind="stable")].head(limit).itertuples():
            grid.append([r.slice, f"{r.denominator:.0f}", plain(r.before), plain(r.after),
                         interval(r.change, r.change_lower, r.change_upper)])
        lines += aligned_table(grid)
        lines += [_wrapped(f"  gap {slice_} - {row['reference']}: "
                           f"{interval(row['gap_before'], row['gap_before_lower'], row['gap_before_upper'])} before, "
                           f"{interval(row['gap_after'], row['gap_after_lower'], row['gap_after_upper'])} after "
                           f"({_closed(row['gap_before'], row['gap_after'])})"), ""]
    return "\n".join([*lines, *_closing(comparison)])


def _closed(before, after):
    if not abs(before) > 0:
        return "there was none"
    share = 1 - abs(after) / abs(before)
    return f"{share:.0%} smaller" if share >= 0 else f"{-share:.0%} larger"


def _closing(comparison, limit=4):
    """Quality, what else got worse, levelling down, and warnings."""
    worse = comparison.got_worse
    lines = [_quality(row) for row in comparison.quality.itertuples(index=False)]
    for row in worse.head(limit).itertuples(index=False):
        lines.append(f"got worse: {row.metric.replace('_', ' ')} of {_name(row.slice)}{_where(row)}, "
                     f"{plain(row.before)} to {plain(row.after)}, "
                     f"{interval(row.change, row.change_lower, row.change_upper)}")
    if len(worse) > limit:
        lines.append(f"got worse: {len(worse) - limit} more, all in got_worse")
    lower = comparison.levelling_down
    lines += [f"levelling down{_where(row)}: {_name(row.better_served)} got worse, "
              f"{row.share_of_closing:.0%} of the closing of {_name(row.slice)}"
              for row in lower.head(limit).itertuples()]
    if len(lower) > limit:
        lines.append(f"levelling down: {len(lower) - limit} more, all in levelling_down")
    return [_wrapped(line) for line in [*lines, *(f"warning: {warning}" for warning in comparison.warnings)]]


def _where(row):
    return "" if np.isnan(row.threshold_before) else f" ({row.thresholds} threshold {row.threshold_before:.4g})"


def _quality(row):
    what = row.metric if row[0] is None else f"{row.metric} of class {row[0]}"
    return (f"{what}: {plain(row.before, 4)} before, {plain(row.after, 4)} after, "
            f"change {interval(row.change, row.lower, row.upper, 4)}")
