"""A `Description` of a data set as text for a terminal, and as a table for a notebook."""

from html import escape

import numpy as np

from fairkit.errors import visible
from fairkit.view.text import aligned_table, interval, plain

__all__ = ["description_html", "description_text", "shortened"]

_VALUES, _CROSSES = 20, 10  # groups shown of a column, intersections shown of all
_WIDTH = 100
_LONGEST = 28  # characters of a name


def description_text(description):
    """What a `Description` says, for readers at a terminal of 100 columns.

    Groups of single columns come first, the largest first; of intersections those whose labels differ most from all
    examples', as far as their intervals show it.
    """
    header, sections, notes = _tables(description)
    lines = aligned_table(_fitted([header, *(row for _, rows in sections for row in rows)]))
    body, at = [lines[0]], 1
    for title, rows in sections:
        body += [*([shortened(title, _WIDTH)] if title else []), *lines[at:at + len(rows)]]
        at += len(rows)
    return "\n".join([*_opening(description), "", *body, "", *(line for note in notes for line in _wrapped(note))])


def description_html(description):
    """The same for a notebook; every text that comes from data is escaped."""
    header, sections, notes = _tables(description)
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in header)
    rows = []
    for title, part in sections:
        if title:
            rows.append(f'<tr><th scope="rowgroup" colspan="{len(header)}" style="text-align:left">'
                        f'<bdi>{escape(title)}</bdi></th></tr>')
        rows += [f'<tr><th scope="row"><bdi>{escape(name)}</bdi></th>'
                 + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>" for name, *cells in part]
    opening = "<br>".join(map(escape, _opening(description)))
    return (f"<p>{opening}</p><table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
            + "".join(f"<p>{escape(note)}</p>" for note in notes))


def shortened(text, longest=_LONGEST):
    """A text from data in one line of so many characters at most, without what a terminal would obey."""
    text = visible(text)
    return text if len(text) <= longest else text[:longest - 1] + "…"


def _opening(description):
    n, frame = description.examples, description.frame
    if description.classes == (None,):
        row = frame.iloc[0]
        lines = [f"{n:,} examples, {row['positives']:,} of them positive: "
                 f"{interval(row['positive_share'], row['lower'], row['upper'], 3, plain)}"]
    else:
        lines = [f"{n:,} examples of {len(description.classes):,} classes"]
    if description.weighted:
        lines.append(f"weights sum to {frame['weight'].iloc[0]:,.6g}; shares are shares of weight")
    missing = [f"{name} {k:,} ({k / n:.1%})" for name, k in description.missing.items() if k]
    if missing:
        lines += _wrapped("no value, so in no group: " + ", ".join(missing))
    if description.inputs:
        lines += _wrapped("inputs: " + ", ".join(f"{what} ({k:,})" for what, k in description.inputs.items()))
    return lines


def _tables(description):
    """(header, sections, notes): sections are (title or None, rows), all of texts."""
    if description.classes == (None,):
        header = ["", "n", "share", "positive share", "positives", "negatives", "FPR gap", "FNR gap"]
        frame, row_of = _one_row_a_slice(description), _binary_row
        unsure = (frame["cannot_judge"] != "").to_numpy()
    else:
        classes = _classes_shown(description)
        header = ["", "n", "share", *(shortened(class_, 12) for class_ in classes)]
        frame, row_of = _one_row_a_slice(description, classes), _class_row
        unsure = (frame["n"] < description.min_examples).to_numpy()
    by_size = np.argsort(-frame["n"].to_numpy(), kind="stable")
    chosen, notes = {None: by_size[:1] * 0}, []
    for name in dict.fromkeys(key[0][0] for key in description.keys if len(key) == 1):
        of = [k for k in by_size if len(description.keys[k]) == 1 and description.keys[k][0][0] == name]
        chosen[f"by {name}"], rest = of[:_VALUES], of[_VALUES:]
        if rest:
            notes.append(f"{name}: {len(rest):,} smaller groups are not shown, {unsure[rest].sum():,} of which are "
                         "too small to judge.")
    crosses, more = _crosses(description, frame, unsure)
    for k in crosses:
        chosen.setdefault(f"by {frame['by'].iloc[k]}", []).append(k)
    sections = [(title, [row_of(frame.iloc[k], description.min_examples) for k in of]) for title, of in chosen.items()]
    marked = any(cell.endswith("*") for _, rows in sections for row in rows for cell in row[1:])
    return header, sections, [*notes, *more, *_legend(description, marked)]


def _crosses(description, frame, unsure):
    """(positions of the intersections to show, notes on the others)."""
    keys, n = description.keys, frame["n"].to_numpy()
    single = {key: n[k] for k, key in enumerate(keys) if len(key) == 1}
    crosses = np.array([k for k, key in enumerate(keys) if len(key) > 1
                        and all(single.get((part,)) != n[k] for part in key)], int)
    if not len(crosses):
        return crosses, []
    sure, small = crosses[~unsure[crosses]], crosses[unsure[crosses]]
    shown = sure[np.argsort(-frame["apart"].to_numpy()[sure], kind="stable")][:_CROSSES]
    most = f"; shown are the {len(shown)} whose labels differ most from all examples'" * (len(shown) < len(sure))
    largest = small[np.argsort(-n[small], kind="stable")][:4]
    notes = [f"{len(crosses):,} intersections that are no group above{most}." + (
        f" {len(small):,} are too small to judge, the largest: "
        + "; ".join(f"{shortened(frame['value'].iloc[k])} ({n[k]:,})" for k in largest) + "." if len(small) else "")]
    return shown, notes


def _one_row_a_slice(description, classes=()):
    """One row a slice, with the counts of these classes and how far the share of any class is from overall."""
    frame, k = description.frame, len(description.classes)
    places = [description.classes.index(class_) for class_ in classes]
    low, high, value = (frame[name].to_numpy().reshape(-1, k) for name in ("lower", "upper", "positive_share"))
    return frame.iloc[::k].reset_index(drop=True).assign(
        counts=list(frame["positives"].to_numpy().reshape(-1, k)[:, places]),
        apart=np.fmax(low - value[0], value[0] - high).max(axis=1))


def _binary_row(row, least):
    return [shortened(row["value"] or "all", 2 * _LONGEST), f"{row['n']:,}", _percent(row["share"]),
            interval(row["positive_share"], row["lower"], row["upper"], 3, plain), _marked(row["positives"], least),
            _marked(row["negatives"], least), plain(row["detectable_false_positive_rate_gap"]),
            plain(row["detectable_false_negative_rate_gap"])]


def _class_row(row, least):
    return [shortened(row["value"] or "all", 2 * _LONGEST), f"{row['n']:,}", _percent(row["share"]),
            *(_marked(k, least) if k else "- " for k in row["counts"])]


def _classes_shown(description):
    """The classes that fit beside the names, the most frequent ones, in their order."""
    counts = description.frame["positives"].to_numpy()[:len(description.classes)]
    names = min(_LONGEST, max(map(len, description.frame["value"])))
    room, chosen = _WIDTH - names - 22, []
    for k in np.argsort(-counts, kind="stable"):
        room -= 2 + max(len(f"{counts[k]:,}"), min(len(str(description.classes[k])), 12))
        if room < 0:
            break
        chosen.append(k)
    return [description.classes[k] for k in sorted(chosen)]


def _legend(description, marked):
    notes, least, binary = [], description.min_examples, description.classes == (None,)
    if description.not_crossed:
        notes.append(f"Not crossed with others: {', '.join(description.not_crossed)} (more than 50 values).")
    if marked:
        notes.append(f"* fewer than {least}: " + (
            "too few positives to judge a false negative rate (FNR), too few negatives for a false positive rate (FPR)."
            if binary else "too few to judge the rates of that class."))
    if binary and len(description.keys) > 1:
        notes.append("FPR gap, FNR gap: how far the group's false positive or false negative rate would have to lie "
                     f"above that of all others, were that {description.base_rate:g}, to be shown with a chance of "
                     "80 %; - where no gap is large enough.")
    if not binary and (hidden := len(description.classes) - len(_classes_shown(description))):
        notes.append(f"{hidden:,} rarer classes are not shown.")
    return notes


def _percent(share):
    return "-" if np.isnan(share) else f"{share:.1%}"


def _marked(number, least):
    return f"{number:,}" + ("*" if number < least else " ")


def _fitted(grid):
    """Numbers end where the others of their column end, and names, in the first column, where the line does."""
    widths = [max(len(row[k]) for row in grid) for k in range(1, len(grid[0]))]
    room = max(_WIDTH - 2 - sum(2 + width for width in widths), 12)
    return [[shortened(row[0], room), *(cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True))]
            for row in grid]


def _wrapped(text):
    import textwrap

    return textwrap.wrap(shortened(text, 2000), _WIDTH, subsequent_indent="  ")
