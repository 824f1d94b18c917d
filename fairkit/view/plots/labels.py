"""Words on a plot: names from data that cannot break it, and numbers with their units."""

import functools
import math
from unicodedata import bidirectional

from fairkit.counts.rates import ACCURACY, RATES
from fairkit.view.description import shortened
from fairkit.view.wording import spoken

__all__ = ["MINUS", "TIMES", "capital", "count_text", "drawn_text", "family_text", "legend_text", "ordered",
           "percent", "percent_axis", "plain_text", "rate_of", "slice_text", "title_on"]

TIMES, MINUS = " \N{MULTIPLICATION SIGN} ", "\N{MINUS SIGN}"

_LONGEST = 30
_MISSING = "\N{REPLACEMENT CHARACTER}"


def drawn_text(text, longest=_LONGEST):
    """A text from data as matplotlib draws it: one line, cut with an ellipsis, never read as mathematics.

    What the fonts in `rcParams["font.family"]` have no sign for becomes a replacement character.

    Example:
        >>> drawn_text("a$b$c"), drawn_text("x" * 100, 5)
        ('a\\\\$b\\\\$c', 'xxxx…')
    """
    kept = "".join(c if ord(c) < 128 or _has_sign(_fonts(), c) else _MISSING for c in shortened(text, longest))
    return kept.replace("$", r"\$")


def _fonts():
    import matplotlib

    return tuple(matplotlib.rcParams["font.family"])


@functools.lru_cache(maxsize=1 << 14)
def _has_sign(families, character):
    return any(font.get_char_index(ord(character)) for font in _loaded(families))


@functools.lru_cache(maxsize=8)
def _loaded(families):
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return [get_font(findfont(FontProperties(family=[family]))) for family in families]


def slice_text(key, longest=_LONGEST):
    """The values of a slice as a label: "Overall", "orange", "8 x orange"."""
    if not key:
        return "Overall"
    each = max(longest // len(key) - 1, 6)
    return TIMES.join(drawn_text(value, longest if len(key) == 1 else each) or '""' for _, value in key)


def legend_text(text):
    """A label for a legend, which leaves out what begins with an underscore."""
    return ordered(text) if text[:1] != "_" else f"\N{LEFT-TO-RIGHT MARK}{text}"


def plain_text(text):
    """A sentence of ours with names from data in it, never read as mathematics."""
    return text.replace("$", r"\$")


def ordered(text):
    """A label whose parts stay in their order where some of it is written from right to left."""
    mark = "\N{LEFT-TO-RIGHT MARK}"
    return f"{mark}{text}{mark}" if any(bidirectional(c) in ("R", "AL") for c in text) else text


def family_text(features, longest=_LONGEST):
    """The features of some slices as a heading: "digit x color"."""
    return TIMES.join(drawn_text(feature, max(longest // len(features), 6)) for feature in features)


def capital(text):
    """With a capital letter: "False positive rate"."""
    return text[:1].upper() + text[1:]


def rate_of(metric):
    """The `Rate` of a metric; None for a metric that is no share of examples."""
    return ACCURACY if metric == "accuracy" else RATES.get(metric)


def title_on(metric, threshold=None, class_id=None):
    """What is shown: "False positive rate at threshold 0.1, class 8 against the rest"."""
    at = "" if threshold is None or math.isnan(threshold) else f" at threshold {threshold:.4g}"
    about = drawn_text(capital(spoken(metric)), 60) + at
    return about + (f", class {class_id} against the rest" if class_id is not None else "")


def count_text(number):
    """A count, or a sum of weights: "1,573", "12.5"."""
    return "0" if math.isnan(number) else f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"


def percent(share, digits=1):
    """A share in [0, 1] as text: "13.6 %"."""
    return "undefined" if math.isnan(share) else f"{100 * share:.{digits}f} %"


def percent_axis(axis, signed=False):
    """Ticks of an axis of shares in percent; with signs in percentage points."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    if signed:
        axis.set_major_formatter(FuncFormatter(lambda x, _: "0" if abs(x) < 1e-12 else f"{100 * x:+.4g}"))
    else:
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:.4g} %"))
