"""Figures in a sentence: percent, points and intervals, with as many digits as keep a bound that is not 0 from 0."""

import math

__all__ = ["MISSING", "count", "figure", "includes_zero", "points", "share", "spread"]

MISSING = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"


def share(value, lower=None, upper=None):
    """A share in percent: "13.6 %", with its interval "13.6 % (12.0 to 15.3)"."""
    if value is None or math.isnan(value):
        return "undefined"
    numbers = [value] if lower is None or math.isnan(lower) else [value, lower, upper]
    texts = _alike([100 * number for number in numbers])
    return f"{texts[0]} %" + (f" ({texts[1]} to {texts[2]})" if len(texts) > 1 else "")


def figure(value, lower=None, upper=None):
    """A number that is no share: "0.874", with its interval "0.874 (0.861 to 0.886)"."""
    if value is None or math.isnan(value):
        return "undefined"
    numbers = [value] if lower is None or math.isnan(lower) else [value, lower, upper]
    texts = _alike(numbers, 3)
    return texts[0] + (f" ({texts[1]} to {texts[2]})" if len(texts) > 1 else "")


def points(value, lower=None, upper=None, scale=100):
    """A difference in percentage points without the unit: "13.1", with its interval "13.1 (11.9 to 14.4)"."""
    if value is None or math.isnan(value):
        return "undefined"
    numbers = [value] if lower is None or math.isnan(lower) else [value, lower, upper]
    texts = _alike([scale * number for number in numbers], 1 if scale == 100 else 3)
    return texts[0] + (f" ({texts[1]} to {texts[2]})" if len(texts) > 1 else "")


def spread(lower, upper, scale=100):
    """The two ends of an interval: "11.9 to 14.4"."""
    return " to ".join(_alike([scale * lower, scale * upper], 1 if scale == 100 else 3))


def count(number):
    """A number of examples or a sum of weights: "1,573"."""
    if number is None or math.isnan(number):
        return MISSING
    return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"


def includes_zero(lower, upper):
    """Whether an interval holds 0; so does one that is not known."""
    return not (lower > 0 or upper < 0)


def _alike(numbers, digits=1):
    """Texts with the same number of digits, up to 7 more than asked where a number would look like 0 and is not."""
    for more in range(8):
        texts = [f"{number:.{digits + more}f}" for number in numbers]
        if all(number == 0 or float(text) != 0 for number, text in zip(numbers, texts)):
            break
    else:
        texts = [f"{number:.{digits}f}" for number in numbers]
    return [(_MINUS + text[1:]) if float(text) < 0 else text.lstrip("-") for text in texts]
