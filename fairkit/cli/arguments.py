"""Texts of the command line as slices, conditions, numbers."""

from fairkit.errors import FairkitError

__all__ = ["add_evaluation_arguments", "condition", "numbers", "slices_of", "stored_slices"]


def add_evaluation_arguments(parser):
    """What to evaluate at: slices, thresholds, classes."""
    group = parser.add_argument_group("evaluation")
    group.add_argument("--slices", nargs="+", metavar="F[,F]", help="features to slice by; F,F is a cross of two")
    group.add_argument("--thresholds", nargs="+", metavar="T", help="thresholds in [0, 1] (default: 0.1 0.5)")
    group.add_argument("--classes", nargs="+", type=int, metavar="C", help="class ids to judge against the rest")


def slices_of(texts):
    """["color", "digit,color"] as ["color", ("digit", "color")]."""
    return [text if "," not in text else tuple(part.strip() for part in text.split(",")) for text in texts]


def stored_slices(slices):
    """Slices as they come out of run.json, where crosses are lists."""
    return [tuple(slice_) if isinstance(slice_, list) else slice_ for slice_ in slices]


def condition(texts, what):
    """["religion=muslim,jewish", "gender=female"] as a dict of conditions; None for no text."""
    if not texts:
        return None
    found = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not name or not values:
            raise FairkitError(f"{what} is not given by a column and a value", "such as color=orange", repr(text))
        parts = [part.strip() for part in values.split(",")]
        found[name.strip()] = parts if len(parts) > 1 else parts[0]
    return found


def numbers(texts, what):
    """Texts as numbers."""
    found = []
    for text in texts:
        try:
            found.append(float(text))
        except ValueError:
            raise FairkitError(f"{what} is no number", "a number such as 0.1", repr(text)) from None
    return found
