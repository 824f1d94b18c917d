"""Tables as inputs of a model: a DataFrame becomes a dict of arrays, one for each column."""

import numpy as np

from fairkit.errors import FairkitError, quote

__all__ = ["is_frame", "table_columns"]


def is_frame(thing):
    """Whether something is a pandas or polars frame, or an Arrow table.

    Example:
        >>> import pandas as pd
        >>> from fairkit.tables import is_frame
        >>> is_frame(pd.DataFrame({"age": [17]})), is_frame({"age": [17]})
        (True, False)
    """
    return hasattr(thing, "columns") and any(hasattr(thing, name) for name in ("iloc", "column_names", "to_pandas"))


def table_columns(frame):
    """The columns of a frame as a model with named inputs is fed them: a dict of name -> array (n,).

    Numbers keep their type; a missing one is NaN, so that whole numbers of which some are missing become float64.
    Truth values are uint8. Everything else becomes an object array of texts, in which a missing value is the empty
    text, as in a CSV file. The index of the frame plays no part.

    Args:
        frame: a `pandas.DataFrame`, or anything with `to_pandas` (polars frames, Arrow tables).

    Raises:
        FairkitError: for names that are no texts or stand twice, and for columns of times or lists.

    Example:
        >>> import pandas as pd
        >>> from fairkit.tables import table_columns
        >>> columns = table_columns(pd.DataFrame({"age": [17, None], "job": ["cook", None]}, index=[8, 3]))
        >>> columns["age"], columns["job"]
        (array([17., nan]), array(['cook', ''], dtype=object))
    """
    frame = frame if hasattr(frame, "iloc") else frame.to_pandas()
    names = list(frame.columns)
    for name in names:
        if not isinstance(name, str) or not name:
            raise FairkitError("a column has no proper name", "a text that is not empty", quote(name))
        if names.count(name) > 1:
            raise FairkitError(f"the frame has several columns {quote(name)}", "each name once", f"{names.count(name)}")
    return {str(name): _array(name, frame[name]) for name in names}


def _array(name, column):
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        kind = kind.categories.dtype
        column = column.astype(object) if not pd.api.types.is_numeric_dtype(kind) else column.astype(
            "float64" if column.isna().any() else kind)
        kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) and not column.isna().any():
        return column.to_numpy(bool).view(np.uint8)
    if pd.api.types.is_numeric_dtype(kind):
        if isinstance(kind, np.dtype):
            return column.to_numpy()
        missing = column.isna().any() or pd.api.types.is_bool_dtype(kind)
        return column.to_numpy("float64", na_value=np.nan) if missing else column.to_numpy()
    if str(kind) != "object" and not pd.api.types.is_string_dtype(kind):
        raise FairkitError(f"column {quote(name)} cannot be fed to a model",
                           "numbers or texts; of times, numbers such as "
                           f"frame[{quote(name)}].dt.year", str(kind))
    cells = np.empty(len(column), object)
    cells[:] = ["" if missing else _text(name, cell) for cell, missing in zip(column, column.isna())]
    return cells


def _text(name, cell):
    if isinstance(cell, (list, tuple, set, dict, np.ndarray)):
        raise FairkitError(f"column {quote(name)} cannot be fed to a model", "a number or a text in each cell",
                           quote(cell))
    return cell if isinstance(cell, str) else str(cell)
