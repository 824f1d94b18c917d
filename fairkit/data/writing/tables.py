"""Examples as Arrow tables: whole, or some rows at a time."""

from fairkit.data.writing.columns import columns_of, rows_a_chunk
from fairkit.examples import Examples

__all__ = ["chunks", "tables", "to_table"]


def to_table(examples: Examples, *, inputs="input", label="label", weight="weight", id="id"):
    """Examples as a `pyarrow.Table`, from which `to_pandas()` makes a DataFrame; `fairkit.data.read` takes both.

    Columns as `fairkit.data.write` has them: texts as strings, vectors as lists of a fixed size, other arrays as
    Arrow's tensors of a fixed shape; groups as dictionaries of texts, as numbers, or as lists if a cell holds several.

    Args:
        examples: `Examples`, at least one.
        inputs, label, weight, id: the names of these columns.

    Raises:
        FairkitError: as `fairkit.data.write` does.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(inputs=["hello", "get lost"], labels=[0, 1], groups={"faith": [None, "hindu"]})
        >>> fairkit.data.to_table(examples).to_pandas()
              input  label  faith
        0     hello      0    NaN
        1  get lost      1  hindu
    """
    import pyarrow as pa

    return pa.concat_tables(tables(columns_of(examples, inputs, label, weight, id), len(examples)))


def tables(columns, n):
    """Yields `pyarrow.Table`s of the n rows of the columns, some rows at a time."""
    import pyarrow as pa

    for start, stop in chunks(columns, n):
        yield pa.table([column.arrow(start, stop) for column in columns], names=[column.name for column in columns])


def chunks(columns, n):
    """Yields (start, stop) of the rows that are written at a time."""
    rows = rows_a_chunk(columns)
    for start in range(0, n, rows):
        yield start, min(start + rows, n)
