"""Imbalance and correlations as text for a terminal, and frames of the analysis for a notebook."""

from html import escape

import numpy as np

from fairkit.view.description import shortened
from fairkit.view.text import aligned_table

__all__ = ["correlations_text", "frame_html", "imbalance_summary", "imbalance_text", "paragraphs"]

_SHOWN, _ROWS = 12, 60   # groups or pairs in a text, rows in a notebook
_WIDE = 100              # characters of a line


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


def imbalance_summary(imbalance, most=3):
    """Which groups are rare beside the largest: a heading, and a sentence for each column with such groups.

    Columns come first, then these by label; of crosses of columns, which are many, there is only the number.

    Args:
        imbalance: an `Imbalance`, or None.
        most: sentences at most.
    """
    if imbalance is None or not len(imbalance.marked_rows):
        return []
    frame, families = imbalance.frame, {}
    for k in imbalance.marked_rows:
        families.setdefault(frame["by"].iloc[k], []).append(k)
    told = sorted((by for by, rows in families.items() if _columns(imbalance.keys[rows[0]]) == 1),
                  key=lambda by: len(imbalance.keys[families[by][0]]))[:most]
    lines = [f"Rare, with fewer than {imbalance.threshold:.0%} of the examples of the largest group:"]
    for by in told:
        rows = families[by]
        largest = frame["weight"][frame["by"] == by].idxmax()
        few = [f"{_group(imbalance.keys[k])} {_percent(frame['of_largest'].iloc[k])}" for k in rows]
        names = " and ".join(shortened(name, 40) for name, _ in imbalance.keys[rows[0]])
        top = f"{_group(imbalance.keys[largest])} ({frame['n'].iloc[largest]:,})"
        lines.append(_fitted(f"  {names}: ", few, f"; the largest: {top}"))
    left = len(families) - len(told)
    return [*lines, f"  {'and in ' * bool(told)}{left} more columns and crosses"] if left else lines


def _fitted(start, items, end):
    """As many of the items as one line has room for, and how many there are more."""
    for shown in range(len(items), 1, -1):
        more = f" and {len(items) - shown:,} more" if shown < len(items) else ""
        if len(line := f"{start}{', '.join(items[:shown])}{more}{end}") <= _WIDE:
            return line
    return f"{start}{items[0]}{f' and {len(items) - 1:,} more' if len(items) > 1 else ''}{end}"


def _columns(key):
    return sum(name != "label" for name, _ in key)


def _percent(share):
    return f"{share:.0%}" if share >= 0.01 or share == 0 else f"{share:.1%}"


def _group(key):
    """A group in a sentence: "hindu", "hindu with label 1"."""
    named = " and ".join(shortened(value) for name, value in key if name != "label")
    label = next((f"label {shortened(value)}" for name, value in key if name == "label"), None)
    return " with ".join(filter(None, (named, label)))


def paragraphs(lines):
    """Lines of text for a notebook: a paragraph, what is indented on lines of its own."""
    joined = " ".join("\n" + line.strip() if line.startswith("  ") and not line.startswith("    ") else line.strip()
                      for line in lines)
    return f"<p>{escape(joined).replace(chr(10), '<br>')}</p>" if lines else ""


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
