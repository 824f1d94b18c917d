"""Describe a file: its columns, or with --label and --groups whom it holds and for whom there is too little.

Without --label every column is shown with its kind, its missing cells and its values; nothing is taken for a label or
a group that is not named as one.
"""

import sys

from fairkit.cli.file_arguments import FILE_OPTIONS, add_file_arguments, file_options
from fairkit.errors import FairkitError, quote

EXAMPLE = """example:
  fairkit describe posts.csv
  fairkit describe posts.csv --label toxicity --positive '>=0.5' --groups religion gender --separator '|'
  fairkit describe posts.csv --label verdict --negative normal --groups race gender --by race race,gender --json"""

_OF_SOURCE = ("delimiter", "encoding", "split", "data_dir")  # where rows come from, and not what they mean


def add_arguments(parser):
    parser.add_argument("file", metavar="FILE", help="CSV, JSON Lines, Parquet, Arrow or TFRecord files (a path, a "
                        "folder, a pattern), or the name of a TFDS data set")
    add_file_arguments(parser.add_argument_group("columns"))
    group = parser.add_argument_group("description")
    group.add_argument("--by", nargs="+", metavar="F[,F]",
                       help="groups to slice by; F,F is a cross (default: all of --groups, and all pairs)")
    group.add_argument("--min-examples", type=int, metavar="N",
                       help="fewer positives or negatives are too few to judge a rate by (default: 30)")
    group.add_argument("--few", type=float, metavar="P", dest="threshold", help="a group with less than this share of "
                       "the examples of the largest one is named as few (default: .5)")
    group.add_argument("--json", action="store_true", help="print everything as JSON")


def run(arguments):
    """Prints the description."""
    found = _overview(arguments) if arguments.label is None else _described(arguments)
    if arguments.json:
        import json

        print(json.dumps({"file": arguments.file, **found.to_dict()}, indent=1, ensure_ascii=False))
        return
    print(f"{arguments.file}: {found}")
    if arguments.label is None:
        print("To go on, say what they mean: --label COLUMN --positive VALUE --groups COLUMN ...")


def _described(arguments):
    from fairkit.analysis import describe
    from fairkit.cli.arguments import slices_of
    from fairkit.data import read

    examples = read(arguments.file, **file_options(arguments))
    if getattr(examples, "set_aside", None):
        print(f"fairkit: {examples.set_aside}", file=sys.stderr)
    return describe(examples, None if arguments.by is None else slices_of(arguments.by),
                    30 if arguments.min_examples is None else arguments.min_examples,
                    threshold=0.5 if arguments.threshold is None else arguments.threshold)


def _overview(arguments):
    from fairkit.analysis.columns import overview
    from fairkit.data.reading.bad_rows import BadRows
    from fairkit.data.reading.sources import open_source

    for name in (*FILE_OPTIONS, "by", "min_examples", "threshold"):
        if name not in (*_OF_SOURCE, "bad_rows") and getattr(arguments, name, None) is not None:
            option = "--few" if name == "threshold" else f"--{name.replace('_', '-')}"
            raise FairkitError(f"{option} is for examples, which have labels", f"--label COLUMN beside {option}",
                               f"{option} alone")
    options = file_options(arguments)
    source = open_source(arguments.file, **{name: options[name] for name in _OF_SOURCE if name in options})
    names = [name for name in source.names if source.names.count(name) == 1]
    if len(names) < len(source.names):
        twice = sorted(set(source.names) - set(names))
        print(f"fairkit: several columns are called {', '.join(map(quote, twice))}; they cannot be told apart and are "
              "left out", file=sys.stderr)
    if source.hint:
        print(f"fairkit: {source.hint.replace('delimiter=', '--delimiter ')}", file=sys.stderr)
    bad_rows = BadRows(options.get("bad_rows", "raise"))
    found = overview(source.tables(names, bad_rows))
    if len(bad_rows.set_aside):
        print(f"fairkit: {bad_rows.sorted()}", file=sys.stderr)
    return found
