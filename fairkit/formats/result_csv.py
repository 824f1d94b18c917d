"""Tables of results as CSV files, which people open in spreadsheets."""

import numbers

from fairkit.storage import new_file

__all__ = ["save_csv"]

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")   # of what a spreadsheet takes for a formula


def save_csv(frame, path):
    """Writes a frame whole or not at all; a text that a spreadsheet would run begins with an apostrophe.

    Group values come from files of anyone's. Numbers, and texts that are numbers, stay as they are.

    Example:
        >>> import pandas as pd, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "table.csv"
        >>> save_csv(pd.DataFrame({"group": ["=1+1", "-5", "a"], "gap": [-0.5, 0.25, 0.0]}), path)
        >>> path.read_text().split()
        ['group,gap', "'=1+1,-0.5", '-5,0.25', 'a,0.0']
    """
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "fiub":
            safe[column] = safe[column].map(_safe)
    safe.columns = [_safe(name) for name in safe.columns]
    with new_file(path) as temporary:
        safe.to_csv(temporary, index=False)


def _safe(value):
    if value is None or isinstance(value, numbers.Number):
        return value
    text = str(value)
    if not text.startswith(_STARTS) or _is_number(text):
        return value
    return f"'{text}"


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
