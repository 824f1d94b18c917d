"""Short plain-text tables for terminals."""

import numpy as np

__all__ = ["comparison_text", "interval", "signed"]


def comparison_text(comparison, limit=12):
    """What changed, in a few lines: rates by slice, gaps with intervals, quality, and what got worse.

    Args:
        comparison: a `Comparison`.
        limit: slices shown for each pair of thresholds; those with the largest gap before come first.
    """
    lines = []
    name = comparison.metric.replace("_", " ")
    for match in comparison.matches:
        rows = comparison.frame[(comparison.frame["thresholds"] == match.kind)
                                & (comparison.frame["threshold_before"] == match.before)
                                & (comparison.frame["threshold_after"] == match.after)
                                & comparison.frame["class"].map(lambda c, wanted=match.class_id: c == wanted)]
        about = "" if match.class_id is None else f" of class {match.class_id}"
        lines += [f"{name}{about} at threshold {match.before:.4g} before and {match.after:.4g} after ({match.kind}; "
                  f"overall {match.rate_before:.4f} and {match.rate_after:.4f})", *_table(rows, limit), ""]
    lines += [_quality(row) for row in comparison.quality.itertuples(index=False)]
    worse, levelled = len(comparison.got_worse), comparison.levelling_down
    lines.append(f"got worse with an interval that excludes 0: {worse} (see .got_worse)" if worse else
                 "nothing got worse with an interval that excludes 0")
    lines += [f"levelling down: {row.slice} against {row.reference}: {row.better_served} lost, {row.why}; "
              f"{row.share_of_closing:.0%} of the closing" for row in levelled.head(limit).itertuples()]
    return "\n".join(lines + [f"warning: {warning}" for warning in comparison.warnings])


def signed(value, digits=3):
    return "-" if np.isnan(value) else f"{value:+.{digits}f}"


def interval(value, lower, upper, digits=3, form=signed):
    """A value with its interval, such as "+0.131 [+0.101, +0.164]"; "-" where there is no value."""
    if np.isnan(value):
        return "-"
    return f"{form(value, digits)} [{form(lower, digits)}, {form(upper, digits)}]"


def _table(rows, limit):
    """Lines of one pair of thresholds, aligned."""
    compared = rows[rows["gap_before"].notna()]
    shown = compared.iloc[np.argsort(-compared["gap_before"].abs(), kind="stable")].head(limit)
    grid = [["slice", "n", "before", "after", "against", "gap before", "gap after", "change of the gap"]]
    for r in shown.itertuples():
        grid.append([r.slice, f"{r.denominator:.0f}", _share(r.before), _share(r.after), r.reference,
                     interval(r.gap_before, r.gap_before_lower, r.gap_before_upper),
                     interval(r.gap_after, r.gap_after_lower, r.gap_after_upper),
                     interval(r.gap_change, r.gap_change_lower, r.gap_change_upper)])
    hidden = len(compared) - len(shown)
    return aligned_table(grid) + ([f"  and {hidden} more slices"] if hidden > 0 else [])


def aligned_table(grid):
    """Rows of texts as lines with columns aligned, the first row as header."""
    widths = [max(len(row[k]) for row in grid) for k in range(len(grid[0]))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in grid]


def _share(value):
    return "-" if np.isnan(value) else f"{value:.4f}"


def _quality(row):
    what = row.metric if row[0] is None else f"{row.metric} of class {row[0]}"
    return (f"{what}: {row.before:.4f} before, {row.after:.4f} after, "
            f"change {interval(row.change, row.lower, row.upper, 4)}")
