"""What a TFMA config asks for beside rates, in plain text: its thresholds, pairs of slices, what is not shown."""

from fairkit.view.text import aligned_table, interval, plain

__all__ = ["beside_lines", "config_lines", "validation_text"]

MOST = 20


def validation_text(validation, limit=MOST):
    """TFMA's verdict and that of the intervals in a line each, then the checks that are not ok.

    Args:
        validation: a `Validation`.
        limit: checks shown.
    """
    failures, checks = validation.failures, len(validation.frame)
    lines = [f"validation {'ok' if validation.ok else 'failed'}: {checks - len(failures)} of {checks} checks hold by "
             f"value, as TFMA judges; by 95 % intervals: {validation.verdict}"]
    open_ = validation.frame[validation.frame["ok"] & (validation.frame["verdict"] != "pass")]
    grid = [["TFMA", "by interval", "check", "value (95 % interval)", "required", "note"]]
    for word, rows in (("failed", failures), ("ok", open_)):
        for row in rows.to_dict("records"):
            of_class = "" if row["class"] is None else f" of class {row['class']}"
            where = row["slice"] if row["baseline"] is None else f"{row['baseline']} - {row['slice']}"
            model = f"{row['model']}: " if row["model"] else ""
            grid.append([word, row["verdict"], f"{model}{row['metric']}{of_class}, {where}".lstrip(", "),
                         interval(row["value"], row["lower"], row["upper"], form=plain), row["requirement"],
                         row["note"]])
    if len(grid) == 1:
        return lines[0]
    if not any(row[-1] for row in grid[1:]):
        grid = [row[:-1] for row in grid]
    hidden = len(grid) - 1 - limit
    return "\n".join([*lines, *aligned_table(grid[:limit + 1]),
                      *([f"  and {hidden} more, all in frame"] if hidden > 0 else [])])


def config_lines(evaluation, limit=MOST):
    """Lines on what stands beside the frame of an evaluation that a TFMA config asked for; [] where nothing does."""
    lines = []
    if evaluation.cross_slices is not None:
        frame = evaluation.cross_slices
        grid = [["baseline - comparison", "class", "metric", "threshold", "gap (95 % interval)"]]
        grid += [[f"{row.baseline} - {row.comparison}", "-" if row[3] is None else str(row[3]), row.metric,
                  plain(row.threshold, 3), interval(row.gap, row.lower, row.upper)]
                 for row in frame.head(limit).itertuples()]
        lines += ["", "pairs of slices", *aligned_table(grid)]
        lines += [f"  and {len(frame) - limit} more, all in cross_slices"] if len(frame) > limit else []
    for line in beside_lines(evaluation, limit):
        lines += ["", line]
    if evaluation.validation is not None:
        lines += ["", validation_text(evaluation.validation, limit)]
    return lines


def beside_lines(evaluation, limit=MOST):
    """A line each on the slices that are left out and on what is not shown."""
    lines = []
    if evaluation.left_out:
        count = len(evaluation.left_out)
        lines.append(f"{count} slice{' is' if count == 1 else 's are'} left out, with fewer examples than "
                     "min_slice_size: "
                     + ", ".join(evaluation.left_out[:limit]))
    not_shown = getattr(evaluation, "not_shown", ())
    if not_shown:
        lines.append(f"not shown, for they are not numbers: {', '.join(not_shown)}; they are in the files that save "
                     "writes, for tfma.load_plots and tfma.load_eval_result")
    return lines
