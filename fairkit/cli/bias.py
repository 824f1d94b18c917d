"""Say whether labels or predictions favour one facet over another, in the metrics of SageMaker Clarify.

The columns of a file are named by options, or all of it by an analysis_config.json of Clarify: then --data stands in
for its storage address, and --model or --predictions for its predictor.
"""

import sys

from fairkit.cli.arguments import add_output_argument
from fairkit.errors import FairkitError, quote
from fairkit.folders import check_file

EXAMPLE = """example:
  fairkit bias reviews.csv --label stars --positive 4 5 --facet category --group country
  fairkit bias loans.parquet --label repaid --positive 1 --facet age --facet-values '>40' --predictions approved
  fairkit bias scored.jsonl --label hired --facet sex,race --predictions score --thresholds 0.3 0.5 -o analysis.json
  fairkit bias --config analysis_config.json --data data.csv --model model.keras -o analysis.json -o bias.html"""

_OPTIONS = ("group", "thresholds", "classes", "methods", "features", "scale", "distributions")
_PLAIN = ("label", "positive", "facet", "facet_values", "weight", *_OPTIONS, "delimiter", "encoding")


def add_arguments(parser):
    parser.add_argument("file", nargs="?", metavar="FILE", help="CSV, JSON Lines, Parquet or Arrow files")
    group = parser.add_argument_group("what is judged")
    add = group.add_argument
    add("--label", metavar="COLUMN", help="the column of labels")
    add("--positive", nargs="+", metavar="V", help="positive labels, or a threshold such as '>0.5' (default: 1)")
    add("--facet", nargs="+", metavar="F[,F]", help="columns; F,F crosses them; several are judged one after the other")
    add("--facet-values", nargs="+", metavar="V", help="of a single facet: the values that are facet d together, or a "
                                                       "threshold such as '>40' (default: every value in turn)")
    add("--group", metavar="COLUMN", help="strata for CDDL and CDDPL")
    add("--weight", metavar="COLUMN", help="example weights")
    add("--predictions", metavar="P", help="a column of predicted labels, or of scores (with --thresholds); with "
                                           "--config a file of a model's results, JSON Lines or CSV")
    add("--model", metavar="MODEL", help="a .keras file or SavedModel folder that is fed the other columns")
    add_output_argument(group)
    add("--thresholds", nargs="+", type=float, metavar="T", help="of scores: above one is positive")
    add("--classes", nargs="+", metavar="V", help="the labels that the outputs of a softmax model stand for")
    add("--methods", nargs="+", metavar="M", help="all, pre_training, post_training, counts, or short names")
    add("--features", nargs="+", metavar="COLUMN", help="what a model is fed and the flip test compares by")
    add("--scale", action="store_true", default=None, help="divide features by their deviation for the flip test")
    add("--distributions", choices=("positive", "values"), help="what KL, JS, LP, TVD and KS compare: positive labels "
                                                                "against the rest (default), or all label values")
    add("--delimiter", metavar="C", help="CSV: stands between the cells")
    add("--encoding", metavar="E", help="CSV: such as latin-1")
    add = parser.add_argument_group("of a Clarify configuration").add_argument
    add("--config", metavar="FILE", help="an analysis_config.json")
    add("--data", metavar="DATA", help="its data set: a file, or a folder of files")
    add = parser.add_argument_group("output").add_argument
    add("-o", "--output", action="append", metavar="FILE",
        help="write a report: .html or .md; .json in the layout of Clarify's analysis.json; may be given several times")
    add("--table", metavar="FILE", help="write all rows as CSV")
    add("--seed", type=int, default=0, metavar="N", help="of what is drawn for tests and limits")


def run(arguments):
    """Writes the report where asked, and prints it."""
    inputs = (arguments.file, arguments.data, arguments.config, arguments.model, arguments.predictions)
    paths = [check_file(path, *inputs) for path in _paths(arguments.output)]
    if arguments.table is not None:
        check_file(arguments.table, *inputs)
    report = _by_config(arguments) if arguments.config is not None else _by_options(arguments)
    written = _written(report, paths, arguments.table)  # before a reader that has seen enough closes the pipe
    print(report)
    for line in written:
        print(f"\nwritten: {line}")


def _written(report, paths, table):
    """What was written, a line for each file."""
    lines = []
    document = report.report() if any(path.suffix.lower() != ".json" for path in paths) else None
    for path in paths:
        if path.suffix.lower() == ".json":
            report.save_json(path)
            several = len(report.thresholds) > 1
            lines.append(f"{path} (threshold {report.thresholds[0]:g} alone; the layout of Clarify holds one)"
                         if several else str(path))
        else:
            document.save(path)
            lines.append(str(path))
    if table is not None:
        from fairkit.formats.result_csv import save_csv

        save_csv(report.frame, table)
        lines.append(str(table))
    return lines


def _paths(outputs):
    """The paths of what is written; endings are checked before anything is computed."""
    if not outputs:
        return []
    from fairkit.view.report.report import checked_path

    return [checked_path(path) for path in outputs]


def _by_config(arguments):
    from fairkit.bias import clarify_report

    given = [name for name in _PLAIN if getattr(arguments, name) is not None]
    if given or arguments.file is not None:
        said = f"--{given[0].replace('_', '-')}" if given else arguments.file
        raise FairkitError("--config says what is judged", "only --data, --model or --predictions beside it", said)
    if arguments.data is None:
        raise FairkitError("a configuration needs its data set named", "--config FILE --data DATA", "no --data")
    report, notes = clarify_report(arguments.config, arguments.data, arguments.model, arguments.predictions,
                                   arguments.seed, arguments.model_output)
    for note in notes:
        print(f"fairkit: {note}", file=sys.stderr)
    return report


def _by_options(arguments):
    from fairkit.bias import bias_report

    path = arguments.file or arguments.data
    if path is None or (arguments.file and arguments.data):
        raise FairkitError("one file is judged", "fairkit bias FILE --label COLUMN --facet COLUMN, or --config",
                           "none" if path is None else f"{arguments.file} and --data {arguments.data}")
    for name in ("label", "facet"):
        if getattr(arguments, name) is None:
            raise FairkitError(f"no {name} is named", f"--{name} COLUMN", f"{path} alone")
    if arguments.model is not None and arguments.predictions is not None:
        raise FairkitError("predictions are named twice", "--model, or --predictions", arguments.predictions)
    if arguments.thresholds is not None and arguments.model is None and arguments.predictions is None:
        raise FairkitError("--thresholds are of scores, and there are none", "--predictions COLUMN, or --model beside "
                           "them", "--thresholds " + " ".join(f"{one:g}" for one in arguments.thresholds))
    if len(arguments.facet) > 1 and arguments.facet_values is not None:
        raise FairkitError("--facet-values are for a single facet", "one --facet", " ".join(arguments.facet))
    given = {} if arguments.model_output is None else {"output": arguments.model_output}
    given |= {name: getattr(arguments, name) for name in _OPTIONS if getattr(arguments, name) is not None}
    frame = _frame(path, arguments)
    facets = [tuple(one.split(",")) if "," in one and one not in frame.columns else one for one in arguments.facet]
    return bias_report(frame, arguments.label, _single(arguments.positive or ["1"]),
                       facets[0] if len(facets) == 1 else facets, _values(facets[0], arguments.facet_values),
                       predictions=arguments.predictions or arguments.model, weights=arguments.weight,
                       seed=arguments.seed, **given)


def _single(values):
    return values[0] if values is not None and len(values) == 1 else values


def _values(facet, values):
    """Values of a cross are given one for each column; "*" stands for every value."""
    if values is None or not isinstance(facet, tuple):
        return _single(values)
    return tuple(None if value == "*" else value for value in values)


def _frame(path, arguments):
    """The rows of a file; columns of a CSV file that hold numbers alone are numbers, but for facets and strata."""
    import pandas as pd
    import pyarrow as pa

    from fairkit.data.reading.sources import open_source
    from fairkit.group_values import as_written

    source = open_source(path, delimiter=arguments.delimiter, encoding=arguments.encoding or "utf-8")
    tables = list(source.tables())
    if not tables:
        raise FairkitError(f"{quote(path)} holds no rows", "at least one", "none")
    table = pa.concat_tables(tables, promote_options="permissive")
    if source.untyped:
        table = _as_text(table, path)
    frame = table.to_pandas()
    if source.untyped:
        frame = frame.replace("", None)
        named = {part for one in [*arguments.facet, arguments.group] if one for part in (one, *one.split(","))}
        for name in frame.columns:
            if name in named:   # the names of groups, as `fairkit.data.read` has them
                frame[name] = frame[name].map(as_written, na_action="ignore")
                continue
            numbers = pd.to_numeric(frame[name], errors="coerce")
            if numbers.notna().equals(frame[name].notna()):
                frame[name] = numbers
    return frame


def _as_text(table, path):
    """Cells of CSV files are read as bytes."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            try:
                column = table.column(place).cast(pa.large_string())
            except pa.ArrowInvalid:
                raise FairkitError(f"column {quote(field.name)} of {quote(path)} is no UTF-8",
                                   "--encoding, such as latin-1",
                                   "bytes that no UTF-8 text holds") from None
            table = table.set_column(place, field.name, column)
    return table
