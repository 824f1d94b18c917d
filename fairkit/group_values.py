"""What a value of a group is called: one name for one value, in every container, type, file format and engine.

A name is decided by the value alone, never by what else stands in its column or chunk:

- a text is its own name, bytes are the text that they hold in UTF-8;
- a whole number has no fraction: 1, 1.0, numpy.float32(1) and Decimal("1.0") are "1";
- another number is named by the shortest text that gives it back in its own precision: 1.5 is "1.5", and
  numpy.float32(0.1) is "0.1" as 0.1 is;
- a truth value is "True" or "False";
- a date, and a time at midnight, is "2026-01-31"; another time is "2026-01-31 08:30:00", with its fraction and its
  offset from UTC if it has any;
- None, NaN, NaT, pandas.NA and Arrow's null are nothing.
"""

import datetime
import numbers
import re
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["as_written", "in_own_precision", "is_nothing", "known_name", "name_of", "plain_value", "values_in"]

_WHOLE = re.compile(r"(-?(?:0|[1-9]\d*))\.0", re.ASCII)
_LARGE = re.compile(r"-?\d(?:\.\d+)?e\+(?:1[6-9]|[2-9]\d|[12]\d\d|30\d)", re.ASCII)   # whole floats from 1e16 on
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00", re.ASCII)
_DIGITS = 32   # letters, of which no float of 32 bits needs more
_EXPECTED = "texts, numbers, booleans, dates or times; others by .astype(str)"


def plain_value(value, wrong="this is not the value of a group"):
    """A value as a str, int, float or bool whose `str` is its name; None for nothing.

    Args:
        value: a text, number, truth value, date or time, of Python, NumPy, pandas, Arrow or TensorFlow.
        wrong: the beginning of the message.

    Raises:
        FairkitError: for anything else.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from fairkit.group_values import plain_value
        >>> [plain_value(value) for value in (2.0, np.float32(0.1), b"blue", pd.Timestamp("2026-01-31"), pd.NA)]
        [2, 0.1, 'blue', '2026-01-31', None]
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return _number(value)
    return _unusual(value, wrong)


def name_of(value):
    """The name of a group's value, as a text; of what is not one, its `str`.

    Example:
        >>> from fairkit.group_values import name_of
        >>> name_of(1.0), name_of("1"), name_of(True), name_of(1.5)
        ('1', '1', 'True', '1.5')
    """
    try:
        return str(plain_value(value))
    except FairkitError:
        return str(value)


def known_name(value, known, feature=None):
    """The name under which a value that a user gave is among the known names; its own name where it is not.

    A text that is not known as it stands also finds the number, truth value or date that it is another spelling of, as
    the command line and CSV files have no other values than texts.

    Args:
        value: what the user gave.
        known: names.
        feature: the group column, for messages.

    Raises:
        FairkitError: as `plain_value`: a dict or a list is not the value of a group, whatever its text is.

    Example:
        >>> from fairkit.group_values import known_name
        >>> known_name("1.0", {"1", "2"}), known_name("true", {"True", "False"}), known_name("1.0", {"1.0", "1"})
        ('1', 'True', '1.0')
    """
    of = "a group" if feature is None else quote(feature)
    plain = plain_value(value, f"this is not a value of {of}")
    if plain is None:
        raise FairkitError(f"nothing is not a value of {of}", _EXPECTED, quote(value))
    name = str(plain)
    if name in known or not isinstance(value, str):
        return name
    return next((other for other in (as_written(name), name.capitalize()) if other in known), name)


def as_written(text):
    """The name of the value that pandas and Python write as this text: whole floats as "1.0", dates with midnight.

    Example:
        >>> from fairkit.group_values import as_written
        >>> [as_written(text) for text in ("1.0", "1.5", "01.0", "1.00", "2026-01-31 00:00:00")]
        ['1', '1.5', '01.0', '1.00', '2026-01-31']
    """
    if whole := _WHOLE.fullmatch(text):
        return str(int(whole[1]))   # also of -0.0
    if _LARGE.fullmatch(text):
        return str(int(float(text)))
    midnight = _MIDNIGHT.fullmatch(text)
    return midnight[1] if midnight else text


def values_in(given):
    """What a user gave as a list of values: a list, array, series and the like, or one value.

    Example:
        >>> import pandas as pd
        >>> from fairkit.group_values import values_in
        >>> values_in(pd.Series([1, 2])), values_in("blue")
        ([1, 2], ['blue'])
    """
    single = isinstance(given, (str, bytes, Mapping)) or not hasattr(given, "__iter__")
    if single or getattr(given, "shape", None) == ():
        return [given]
    return list(given)


def in_own_precision(numbers):
    """(n,) float64 of an array of numbers, each the number that its name says: .1 of 32 bits is .1.

    Example:
        >>> import numpy as np
        >>> from fairkit.group_values import in_own_precision
        >>> in_own_precision(np.array([0.1, 3], np.float32))
        array([0.1, 3. ])
    """
    wide = numbers.astype(np.float64)
    if numbers.dtype.kind != "f" or numbers.dtype.itemsize >= 8:
        return wide
    return np.where(wide == np.floor(wide), wide, numbers.astype(f"U{_DIGITS}").astype(np.float64))


def is_nothing(value):
    """Whether a cell holds nothing: None, NaN, NaT or pandas.NA."""
    if value is None or type(value).__name__ == "NAType":
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError, ArithmeticError):   # of arrays, and of signalling NaNs
        return isinstance(value, Decimal)


def _number(value):
    if value != value:
        return None
    return int(value) if value.is_integer() else value


def _unusual(value, wrong):
    value = _unpacked(value)
    if is_nothing(value):
        return None
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            raise FairkitError(wrong, "texts, or bytes that are texts in UTF-8", quote(value)) from None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, numbers.Integral) and not isinstance(value, np.timedelta64):   # which NumPy calls an integer
        return int(value)
    if isinstance(value, np.floating):
        if np.isnan(value):
            return None
        # Whole numbers exactly, others by the shortest text of their own precision.
        return int(value) if np.isfinite(value) and value == np.floor(value) else \
            _number(float(value) if value.dtype.itemsize >= 8 else float(str(value)))
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, np.datetime64):
        return _time(value)
    if isinstance(value, datetime.date):
        return _time(value) if isinstance(value, datetime.datetime) else value.isoformat()
    raise FairkitError(wrong, _EXPECTED, quote(value))


def _unpacked(value):
    """The value in an Arrow scalar, a tensor or an array of no dimension."""
    if hasattr(value, "as_py"):
        import pyarrow as pa

        if pa.types.is_float32(value.type) or pa.types.is_float16(value.type):
            return None if not value.is_valid else value.type.to_pandas_dtype()(value.as_py())
        return value.as_py()
    if getattr(value, "shape", None) == () and not isinstance(value, np.generic) and hasattr(value, "__array__"):
        return np.asarray(value)[()]
    return value


def _decimal(value):
    near = float(value)
    if not value.is_finite() or Decimal(str(near)) == value:
        return _number(near)
    return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")


def _time(value):
    """ISO 8601 with a space; a time at midnight, without an offset from UTC, is its date."""
    if isinstance(value, np.datetime64):
        import pandas as pd

        try:
            value = pd.Timestamp(value)
        except ValueError:    # beyond the years that pandas knows
            value = value.astype("datetime64[us]").item()
    text = str(value)
    return as_written(text)
