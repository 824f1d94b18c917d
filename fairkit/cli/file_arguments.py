"""The options that say what the columns of a file mean, as `fairkit.data.read` takes them."""

__all__ = ["FILE_OPTIONS", "add_file_arguments", "file_options"]

FILE_OPTIONS = ("inputs", "label", "positive", "negative", "class_names", "groups", "separator", "no_group", "weight",
                "id", "images", "bad_rows", "missing_inputs", "delimiter", "encoding", "split", "data_dir")


def add_file_arguments(parser):
    """Adds the options to a parser or a group of one."""
    add = parser.add_argument
    add("--inputs", nargs="+", metavar="COLUMN", help="file: the column that the model is fed, or those of a table")
    add("--label", metavar="COLUMN", help="file: the column of labels")
    add("--positive", nargs="+", metavar="V", help="file: the labels that count as positive, or a threshold as '>=0.5'")
    add("--negative", nargs="+", metavar="V", help="file: the labels that do not; all others do")
    add("--class-names", nargs="+", metavar="C", help="file: the names of several classes, in the order of their ids")
    add("--groups", nargs="+", metavar="COLUMN", help="file: the columns of groups")
    add("--separator", metavar="S", help="file: stands between several groups in a cell; or 'list' for ['a', 'b']")
    add("--no-group", nargs="+", metavar="V", help="file: values that mean no group, such as none")
    add("--weight", metavar="COLUMN", help="file: the column of example weights")
    add("--id", metavar="COLUMN", help="file: the column of ids")
    add("--images", nargs="*", type=int, metavar="N", help="file: the inputs are images; --images H W resizes them")
    add("--bad-rows", choices=("raise", "set-aside"), help="file: stop at a row that cannot be read, or leave it out")
    add("--missing-inputs", choices=("raise", "keep"), help="file: stop at a row with a missing input, or keep it, for "
        "a table")
    add("--delimiter", metavar="C", help="CSV: stands between the cells (default: a comma, in .tsv files a tab)")
    add("--encoding", metavar="E", help="CSV: such as latin-1 (default: utf-8)")
    add("--split", metavar="S", help="TFDS: the split (in training: the training split), such as train")
    add("--data-dir", metavar="FOLDER", help="TFDS: where data sets are kept")


def file_options(arguments):
    """The options that are given, under the names of the arguments of `fairkit.data.read`."""
    given = {name: getattr(arguments, name) for name in FILE_OPTIONS if getattr(arguments, name, None) is not None}
    return read_options(given)


def read_options(given):
    """The same of options as a run remembers them."""
    options = dict(given)
    if "class_names" in options:
        options["classes"] = options.pop("class_names")
    if "images" in options:
        options["images"] = tuple(options["images"]) or True
    for name in ("positive", "inputs"):  # a single one is a threshold, or the whole input
        if isinstance(options.get(name), list) and len(options[name]) == 1:
            options[name] = options[name][0]
    if "bad_rows" in options:
        options["bad_rows"] = options["bad_rows"].replace("-", " ")
    return options
