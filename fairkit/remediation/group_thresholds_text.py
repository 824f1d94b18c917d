"""Group thresholds in words."""

__all__ = ["group_thresholds_text"]


def group_thresholds_text(fitted):
    """The text that a `GroupThresholds` prints."""
    one, name = fitted.one_threshold, fitted.rate.replace("_", " ")
    lines = [f"Group thresholds by {', '.join(fitted.by)} for an equal {name}: {fitted.level:.4f}, "
             f"within {fitted.tolerance:g}"]
    rows = [("", "threshold", "rate", "95 % interval", "at one threshold", "n", "")]
    for row in fitted.achieved.to_dict("records"):
        group = " & ".join(row["group"]) if isinstance(row["group"], tuple) else str(row["group"])
        note = row["note"] if row["reached"] is not False else f"not reached: {row['note']}"
        rows.append((group, _number(row["threshold"]), _number(row["rate"]),
                     f"[{_number(row['lower'])}, {_number(row['upper'])}]", _number(row["one_threshold_rate"]),
                     f"{row['among']} of {row['examples']}", note))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1]))]
        lines.append(("  " + "  ".join([*cells, row[-1]])).rstrip())
    lines.append(f"Overall threshold {_number(fitted.overall)}: for the {fitted.in_no_group:.1%} of the examples that "
                 "have several values or none, and for groups with too few examples or unknown ones.")
    lines.append(f"Accuracy {fitted.accuracy:.4f}; with one threshold ({_number(one['threshold'])}) "
                 f"{one['accuracy']:.4f}, where the groups' rates go from {one['lowest']:.4f} to {one['highest']:.4f}.")
    lines.append("On the examples that it was fitted on. Decisions depend on the group, which may be unlawful.")
    return "\n".join(lines)


def _number(value):
    return "-" if value != value else f"{value:.4f}"
