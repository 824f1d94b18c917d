"""Texts of the command line as slices, conditions, numbers."""

from fairkit.errors import FairkitError, nearest, quote
from fairkit.groups import Only, only

__all__ = ["add_evaluation_arguments", "add_output_argument", "add_trust_argument", "condition", "cut_slices",
           "cuts_of", "check_cuts", "numbers", "slice_named", "slices_of", "stored_slices", "trust", "whole_number"]


def add_evaluation_arguments(parser):
    """What to evaluate at: slices, thresholds, classes."""
    group = parser.add_argument_group("evaluation")
    group.add_argument("--slices", nargs="+", metavar="F[,F]",
                       help="features to slice by; F,F is a cross; F=V one value of a feature; F,F=V a mix of both")
    group.add_argument("--thresholds", nargs="+", metavar="T", help="thresholds in [0, 1] (default: 0.1 0.5)")
    group.add_argument("--classes", nargs="+", type=int, metavar="C", help="class ids to judge against the rest")


def add_output_argument(group):
    """Of a model with several outputs, which."""
    group.add_argument("--model-output", metavar="NAME",
                       help="of a model with several outputs the one that is meant: its key, position or layer")


def add_trust_argument(parser):
    """Which SavedModels a .keras file may hold as layers."""
    parser.add_argument("--trust", nargs="+", metavar="FOLDER",
                        help="SavedModels that the .keras file holds as layers; they are programs, which can read and "
                             "write files: name only those whose makers you trust")


def trust(arguments):
    """Takes the SavedModels of --trust for trusted."""
    if arguments.trust:
        from fairkit.models import trust_saved_model

        for folder in arguments.trust:
            trust_saved_model(folder)


def slices_of(texts):
    """["color", "a,b", "a,b=blue"] as ["color", ("a", "b"), {"a": None, "b": "blue"}]."""
    return [_slice(text) for text in texts]


def _slice(text):
    parts = [_parted(part) for part in text.split(",")]
    if exact := next((name for name, equals, _ in parts if equals == "=="), None):
        raise FairkitError("a slice holds every example with its value, alone or among others", f"{exact}=V",
                           quote(text))
    if not any(equals for _, equals, _ in parts):
        names = tuple(name for name, _, _ in parts)
        return names if len(names) > 1 else names[0]
    return {name: value if equals else None for name, equals, value in parts}


def _parted(text):
    """"a=b" as ("a", "=", "b"), "a==b" as ("a", "==", "b"), "a" as ("a", "", "")."""
    name, equals, value = (part.strip() for part in text.partition("="))
    return (name, "==", value[1:].strip()) if value.startswith("=") else (name, equals, value)


def stored_slices(slices):
    """Slices as they come out of run.json, where crosses are lists."""
    return [tuple(slice_) if isinstance(slice_, list) else slice_ for slice_ in slices]


def cuts_of(bins, quantiles):
    """["age=18,65"], ["income=4"] as {"age": [18.0, 65.0], "income": 4}: lists are edges."""
    cuts = {}
    for text in [*(bins or []), *(quantiles or [])]:
        name, equals, values = text.partition("=")
        if not equals or not name or not values:
            raise FairkitError("a numeric feature is not cut by its name and numbers", "age=18,65 for bins, age=4 for "
                               "quantiles", quote(text))
        found = numbers(values.split(","),
                        f"an edge of {quote(name)}" if text in (bins or []) else f"the parts of {quote(name)}")
        name = name.strip()
        if name in cuts:
            raise FairkitError(f"{quote(name)} is cut twice", "each numeric feature once", quote(text))
        cuts[name] = found if text in (bins or []) else whole_number(values, f"the parts of {quote(name)}")
    return cuts


def check_cuts(cuts, slices):
    """Refuses a cut of a feature that no slice has."""
    named = {name for slice_ in stored_slices(slices) for name in ([slice_] if isinstance(slice_, str) else slice_)}
    for name in cuts:
        if name not in named:
            raise FairkitError(f"{quote(name)} is cut, and no slice has it", nearest(name, sorted(named)), quote(name))


def cut_slices(slices, cuts):
    """Slices in which the features of `cuts_of` are cut."""
    from fairkit.numeric_groups import bins, quantiles

    made = {name: bins(*cut) if isinstance(cut, list) else quantiles(cut) for name, cut in cuts.items()}
    return [_cut(slice_, made) for slice_ in stored_slices(slices)]


def _cut(slice_, made):
    wanted = dict.fromkeys([slice_] if isinstance(slice_, str) else slice_) if not isinstance(slice_, dict) else slice_
    return {**wanted, **{name: made[name] for name in wanted if name in made}} if {*wanted} & {*made} else slice_


def condition(texts, what):
    """["religion=muslim,jewish", "gender==female"] as a dict of conditions; None for no text.

    "=" is any of the values, alone or among others; "==" is `fairkit.only`: exactly these values.
    """
    if not texts:
        return None
    found = {}
    for text in texts:
        name, equals, values = _parted(text)
        if not equals or not name or not values:
            raise FairkitError(f"{what} is not given by a column and a value", "such as color=orange, or color==orange "
                               "for cells that hold nothing else", quote(text))
        parts = [part.strip() for part in values.split(",")]
        if name in found:
            raise FairkitError(f"{what} names the column {quote(name)} twice", f"{name}={','.join(parts)},... for "
                               "any of several values", " ".join(texts))
        found[name] = only(*parts) if equals == "==" else parts if len(parts) > 1 else parts[0]
    return found


def slice_named(texts, what):
    """["color=blue"] as a dict that names a slice; None for no text."""
    found = condition(texts, what)
    for name, value in (found or {}).items():
        if isinstance(value, Only):
            raise FairkitError(f"{what} is a slice, which holds every example with its value, alone or among others",
                               f"{name}={','.join(value.values)}", " ".join(texts))
    return found


def whole_number(text, what):
    """A text as a whole number."""
    number, = numbers([text], what)
    if not number.is_integer():   # nor are infinity and NaN
        raise FairkitError(f"{what} must be a whole number", "such as 4", quote(text))
    return int(number)


def numbers(texts, what):
    """Texts as numbers."""
    found = []
    for text in texts:
        try:
            found.append(float(text))
        except ValueError:
            raise FairkitError(f"{what} is no number", "a number such as 0.1", quote(text)) from None
    return found
