"""The options that name MinDiff's groups and what is swapped in counterfactual pairs."""

import json
from pathlib import Path

from fairkit.cli.arguments import condition, numbers, slices_of
from fairkit.errors import FairkitError

__all__ = ["add_min_diff_arguments", "add_pair_arguments", "add_slice_reweighting_arguments", "columns_of",
           "min_diff_options", "pair_options", "slice_reweighting_options"]

_MIN_DIFF = ("error_rate", "loss", "kernel", "kernel_length", "min_diff_batch_size", "allow_overlap")


def add_min_diff_arguments(group):
    """MinDiff's, but for the weight."""
    add = group.add_argument
    add("--sensitive", nargs="+", action="append", metavar="COLUMN=V[,V]",
        help="the group whose error rate is to come closer; several columns are a cross; COLUMN==V takes cells that "
             "hold nothing but V. Again for another group: each is compared by itself")
    add("--pool", action="store_true", help="the groups of several --sensitive are compared as one")
    add("--nonsensitive", nargs="+", action="append", metavar="COLUMN=V[,V]",
        help="the group it is to come closer to (default: everybody in none of the sensitive groups). Again for groups "
             "that count as one")
    add("--error-rate", nargs="+", metavar="RATE", help="false_positive_rate (default), false_negative_rate, or both, "
                                                        "a comparison each")
    add("--loss", metavar="LOSS", help="mmd (default), adjusted_mmd, absolute_correlation or unbiased_mmd")
    add("--kernel", metavar="K", help="of an MMD loss: gaussian (default) or laplacian")
    add("--kernel-length", metavar="L", help="of an MMD loss: a number, or median")
    add("--min-diff-batch-size", type=int, metavar="N",
        help="examples a step from each of both groups (default: the batch size)")
    add("--allow-overlap", action="store_true", default=None, help="examples of both groups count in both")


def add_pair_arguments(group):
    """Those of counterfactual logit pairing, but for the weight."""
    group.add_argument("--counterfactuals", nargs="+", action="append", metavar="SWAP",
                       help="what is swapped: religion, gender, sexual_orientation (words of texts), color (of "
                            "digits), or a JSON file of group -> words. Again for pairs with a loss of their own")
    group.add_argument("--counterfactual-loss", metavar="LOSS",
                       help="pairwise_mse (default), pairwise_absolute_difference or pairwise_cosine")


def add_slice_reweighting_arguments(group):
    """Those of weights by slice metrics."""
    group.add_argument("--reweight-slices", nargs="+", metavar="F[,F]",
                       help="after each epoch, weight up the training examples of the slices that are worst, measured "
                            "on a quarter of the training split, which is not trained on")
    group.add_argument("--reweight-metric", metavar="METRIC",
                       help="by which they are: false_positive_rate (default), false_negative_rate, accuracy or loss")
    group.add_argument("--reweight-min-examples", type=int, metavar="N",
                       help="slices with fewer examples to measure them by keep the weight of the others (default: 30)")


def min_diff_options(arguments):
    """The arguments of `fairkit.remediate` that are given of `add_min_diff_arguments`."""
    options = {name: value for name in _MIN_DIFF if (value := getattr(arguments, name)) is not None}
    if (rates := options.get("error_rate")) and len(rates) == 1:
        options["error_rate"] = rates[0]
    if (length := options.get("kernel_length")) not in (None, "median"):
        options["kernel_length"] = numbers([length], "--kernel-length")[0]
    groups = [condition(texts, "--sensitive") for texts in arguments.sensitive or ()]
    if arguments.pool and len(groups) < 2:
        raise FairkitError("--pool makes several groups one", "--sensitive COLUMN=V twice or more, or no --pool",
                           f"--sensitive {'once' if groups else 'not given'}")
    if len(groups) == 1 or arguments.pool:
        options["sensitive"] = groups[0] if len(groups) == 1 else groups
    elif groups:
        names = [" ".join(texts) for texts in arguments.sensitive]
        if len(set(names)) < len(names):
            raise FairkitError("--sensitive names a group twice", "each group once", ", ".join(names))
        options["sensitive"] = dict(zip(names, groups))
    if others := [condition(texts, "--nonsensitive") for texts in arguments.nonsensitive or ()]:
        options["nonsensitive"] = others[0] if len(others) == 1 else others
    return options


def pair_options(arguments):
    """The same of `add_pair_arguments`; a swap stands where `fairkit.remediate` takes the pairs that it makes."""
    options = {}
    asked = arguments.counterfactuals or ()
    # A set's name becomes that of a metric: a file's without its folder.
    sets = {" ".join(Path(text).name.removesuffix(".json") for text in texts): list(map(_swap, texts))
            for texts in asked}
    if len(sets) < len(asked):
        raise FairkitError("--counterfactuals names a set of pairs twice", "each set once, files by different names",
                           ", ".join(map(" ".join, asked)))
    sets = {name: swaps[0] if len(swaps) == 1 else swaps for name, swaps in sets.items()}
    if sets:
        options["counterfactuals"] = next(iter(sets.values())) if len(sets) == 1 else sets
    if arguments.counterfactual_loss is not None:
        options["counterfactual_loss"] = arguments.counterfactual_loss
    return options


def slice_reweighting_options(arguments):
    """The same of `add_slice_reweighting_arguments`."""
    given = {name: value for name, value in (("metric", arguments.reweight_metric),
                                             ("min_examples", arguments.reweight_min_examples)) if value is not None}
    if not arguments.reweight_slices:
        for name in given:
            option = f"--reweight-{name.replace('_', '-')}"
            raise FairkitError(f"{option} says nothing without --reweight-slices", "--reweight-slices F as well",
                               f"{option} alone")
        return {}
    return {"reweight_slices": {"slices": slices_of(arguments.reweight_slices), **given}}


def columns_of(sensitive):
    """The columns that conditions name, however they are nested: one group, several pooled, or several by name."""
    if isinstance(sensitive, list):
        return list(dict.fromkeys(name for group in sensitive for name in group))
    nested = [group for group in sensitive.values() if isinstance(group, dict)]
    return columns_of(nested) if nested else list(sensitive)


def _swap(text):
    if not text.endswith(".json"):
        return text
    try:
        found = json.loads(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FairkitError(f"--counterfactuals {text} cannot be read", 'a JSON file such as {"cat": ["cat", "kitten"], '
                           '"dog": ["dog", "puppy"]}', str(error)) from None
    if not isinstance(found, dict):
        raise FairkitError(f"--counterfactuals {text} holds no words by group", "a JSON object of group -> words",
                           type(found).__name__)
    return found
