"""Imbalance and correlations as text for a terminal, and frames of the analysis for a notebook."""

from html import escape

import numpy as np

from fairkit.view.description import shortened
from fairkit.view.text import aligned_table

__all__ = ["correlations_text", "frame_html", "imbalance_summary", "imbalance_text", "paragraphs"]

_SHOWN, _ROWS = 12, 60   # groups or pairs in a text, rows in a notebook


def imbalance_text(imbalance):
    """What an `Imbalance` says, for readers at a terminal."""
    lines = [f"{imbalance.examples:,} examples"
             + ("; shares are shares of weight" if imbalance.weighted else "")]
    missing = [f"{shortened(name)} {n:,}" for name, n in imbalance.missing.items() if n]
    lines += ["no value, so in no group: " + ", ".join(missing)] if missing else []
    if imbalance.left_out:
        lines.append("not looked at, with too many values or none that are groups: "
                     + ", ".join(map(shortened, imbalance.left_out)))
    return "\n".join([*lines, *_marked_lines(imbalance)])


def _marked_lines(imbalance):
    """The groups that are marked, those furthest from the largest first."""
    frame, marked, limit = imbalance.frame, imbalance.marked_rows, f"{imbalance.threshold:.0%}"
    if not len(imbalance.frame):
        return ["no column has groups to compare"]
    if not len(marked):
        return [f"no group has fewer than {limit} of the examples of the largest one of its column or cross"]
    largest = dict(zip(frame["by"].unique(), frame.groupby("by", sort=False)["weight"].idxmax()))
    grid = [["group", "n", "share", "of the largest", ""]]
    for k in marked[:_SHOWN]:
        row, top = frame.iloc[k], frame.iloc[largest[frame["by"].iloc[k]]]
        by, value = (" x ".join(part[side] for part in imbalance.keys[k]) for side in (0, 1))
        grid.append([shortened(f"{by}: {value}", 50), f"{row['n']:,}", f"{row['share']:.1%}",
                     f"{row['of_largest']:.1%}", f"({shortened(top['value'])}: {top['n']:,})"])
    more = len(marked) - _SHOWN
    return [f"groups with fewer than {limit} of the examples of the largest one of their column or cross:",
            *aligned_table(grid), *([f"and {more:,} more, all in frame"] if more > 0 else [])]


def imbalance_summary(imbalance, most=5):
    """One line for each column or cross with groups that are marked, that with the smallest one first.

    Args:
        imbalance: an `Imbalance`, or None.
        most: lines at most.
    """
    if imbalance is None or not len(imbalance.marked_rows):
        return []
    frame, families = imbalance.frame, {}
    for k in imbalance.marked_rows:
        families.setdefault(frame["by"].iloc[k], []).append(k)
    lines = []
    for by, rows in families.items():
        top = frame.loc[frame["weight"][frame["by"] == by].idxmax()]
        few = "; ".join(f"{shortened(frame['value'].iloc[k])} {frame['of_largest'].iloc[k]:.1%}" for k in rows)
        about = f"under {imbalance.threshold:.0%} of {shortened(top['value'])} ({top['n']:,}), by {shortened(by)}"
        lines.append(shortened(f"{about}: {few}", 100))
    more = len(lines) - most + 1
    return lines if len(lines) <= most else [*lines[:most - 1], f"and by {more} more; all are in .imbalance.frame"]


def paragraphs(lines):
    """Lines of text for a notebook."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def correlations_text(correlations):
    """The strongest pairs of `Correlations`, and what has no value."""
    rows, grid = correlations.strongest, [["", "", "measure", "value", "n"]]
    for row in rows[rows["value"].notna()].head(_SHOWN).itertuples():
        grid.append([shortened(row.a), shortened(row.b), row.measure.replace("_", " "), f"{row.value:+.3f}"
                     if row.measure in ("pearson", "spearman") else f"{row.value:.3f}", f"{row.n:,}"])
    undefined = rows[rows["value"].isna()]
    why = [f"{n:,} pairs: {shortened(note, 80)}" for note, n in undefined["note"].value_counts().head(5).items()]
    return "\n".join([f"{len(rows):,} pairs of {len(correlations.columns):,} columns"
                      + (", bias corrected" if correlations.bias_corrected else ""), *aligned_table(grid),
                      *(["no value for " + "; ".join(why)] if why else [])])


def frame_html(frame, about):
    """A frame with a line above it; every text that comes from data is escaped."""
    shown = frame.head(_ROWS).copy()
    for name in shown.select_dtypes("float"):
        shown[name] = [("" if np.isnan(value) else f"{value:.4g}") for value in shown[name]]
    more = f"<p>and {len(frame) - _ROWS:,} more rows in .frame</p>" if len(frame) > _ROWS else ""
    lines = "<br>".join(escape(line) for line in str(about).split("\n")[:3])
    return f"<p>{lines}</p>{shown.to_html(index=False, escape=True, border=0)}{more}"
