"""Examples from a CSV file."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fairkit.errors import FairkitError, nearest
from fairkit.examples import Examples
from fairkit.groups import GroupColumn

__all__ = ["read"]

_CSV = "a CSV file in UTF-8: a header, commas, texts with commas or line breaks in double quotes"
_THRESHOLD = re.compile(r"(>=|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")   # control characters, bytes that are no UTF-8
_BLOCK = 1 << 24     # bytes Arrow parses at a time: no row may be longer than two of them
_NAME_THE_POSITIVE = "0 and 1; else say which values are positive (positive=...) or which are not (negative=...)"


def read(path: str | Path, inputs: str | Sequence[str] | None = None, *, label: str, positive=None, negative=None,
         groups: str | Sequence[str] = (), separator: str | None = None, weight: str | None = None,
         id: str | None = None) -> Examples:
    """Examples from a CSV file with a header.

    Args:
        path: the file, in UTF-8.
        inputs: the column of texts; or a list of columns, which become a dict of arrays for a model with named inputs
            (whole numbers, numbers or texts, whichever all cells of the column are); None where only scores are judged.
        label: the column of labels.
        positive: what makes a label 1: a value or a list of values, or a threshold such as ">=0.5" or ">0". All other
            labels are 0. Without `positive` and `negative` the column must hold 0 and 1.
        negative: the other way round: the value or values that make a label 0; all others make it 1.
        groups: the column, or a list of columns, that say which groups an example belongs to. Their values are texts;
            an empty cell is nothing.
        separator: what stands between the values of a group cell that holds several, such as "|" or ",". Spaces
            around a value do not count then.
        weight: the column of weights.
        id: the column of ids, which must be distinct.

    Returns:
        `Examples`, in the order of the file, with labels int64 (n,) of 0 and 1 and texts as an object array.

    Raises:
        FairkitError: for a file that is not there or no CSV (the message names the row, the header being row 1), a
            column that is not there, labels that are missing or, with nothing said, not 0 and 1, a positive or negative
            value that never occurs, a weight that is no number, a missing id.

    Example:
        >>> import fairkit, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.csv"
        >>> _ = path.write_text("text,verdict,faith\\nhello,fine,\\nget lost,rude,hindu|jewish\\n")
        >>> examples = fairkit.data.read(path, "text", label="verdict", positive="rude", groups="faith", separator="|")
        >>> examples.labels, examples.groups["faith"].to_list()
        (array([0, 1]), [None, ('hindu', 'jewish')])
    """
    several_inputs = inputs is not None and not isinstance(inputs, str)
    input_names, group_names = _names("inputs", inputs), _names("groups", groups)
    if separator is not None and (not isinstance(separator, str) or not separator):
        raise FairkitError("the separator is no text", "a text such as '|'", repr(separator))
    table = _table(path, [*input_names, *_names("label", label), *group_names, *_names("weight", weight),
                          *_names("id", id)])
    fed = {name: _typed(table[name]) if several_inputs else _texts(table[name]) for name in input_names}
    return Examples(
        inputs=fed if several_inputs else next(iter(fed.values()), None),
        labels=_labels(label, table[label], positive, negative),
        groups={name: _group(name, table[name], separator) for name in group_names},
        weights=None if weight is None else _numbers(f"weight column {weight!r}", table[weight]),
        ids=None if id is None else _ids(id, table[id]),
    )


def _names(what, given):
    """The column names of one argument, as a list."""
    names = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise FairkitError(f"{what} names no column", "the name of a column, or a list of names", repr(given))
    return list(names)


def _table(path, names):
    """The named columns of the file as columns of text, nulls where a cell is empty."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    path = _file(path)
    header = _header(path)
    for name in names:
        if header.count(name) != 1:
            raise FairkitError(f"{str(path)!r} has {'several columns' if name in header else 'no column'} {name!r}",
                               nearest(name, header), repr(name))
    convert = arrow_csv.ConvertOptions(include_columns=list(dict.fromkeys(names)), null_values=[""],
                                       column_types={name: pa.string() for name in names}, strings_can_be_null=True)
    parse = arrow_csv.ParseOptions(newlines_in_values=True)
    try:
        try:
            table = arrow_csv.read_csv(path, parse_options=parse, convert_options=convert,
                                       read_options=arrow_csv.ReadOptions(block_size=_BLOCK))
        except pa.ArrowInvalid:  # only one thread counts the rows, so that the message can say where
            table = arrow_csv.read_csv(path, parse_options=parse, convert_options=convert,
                                       read_options=arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=False))
    except (pa.ArrowInvalid, OSError) as error:
        raise FairkitError(f"{str(path)!r} cannot be read", _CSV, _one_line(error)) from None
    _refuse_unclosed_quote(path)
    if table.num_rows == 0:
        raise FairkitError(f"{str(path)!r} has no rows", "a header and at least one row", "a header alone")
    return {name: table[name] for name in table.column_names}


def _file(path):
    if not isinstance(path, (str, Path)):
        raise FairkitError("a file is named by its path", "a text or a pathlib.Path", repr(path))
    if not Path(path).is_file():
        raise FairkitError(f"no file {str(path)!r}", _CSV, "a folder" if Path(path).is_dir() else "nothing there")
    return Path(path)


def _header(path):
    try:
        with open(path, "rb") as raw:
            start = raw.read(4)
            raw.seek(3 if start.startswith(codecs.BOM_UTF8) else 0)
            with io.TextIOWrapper(raw, "utf-8", errors="surrogateescape", newline="") as text:
                header = next(filter(None, csv.reader(text)), None)
    except (OSError, csv.Error) as error:
        raise FairkitError(f"{str(path)!r} cannot be read", _CSV, _one_line(error)) from None
    if header is None:
        raise FairkitError(f"{str(path)!r} is empty", _CSV, "no header")
    if any(map(_NO_TEXT.search, header)):
        raise FairkitError(f"{str(path)!r} is no CSV file", _CSV, f"a first line of {','.join(header)[:40]!r}")
    return header


def _refuse_unclosed_quote(path):
    """Arrow takes all that follows a quote that is never closed for one cell; rows must not vanish like that."""
    with open(path, "rb") as raw:
        quotes = sum(block.count(b'"') for block in iter(lambda: raw.read(_BLOCK), b""))
    if quotes % 2 == 0:
        return
    row = 1
    with open(path, encoding="utf-8", errors="replace", newline="") as text:
        try:
            for _ in filter(None, csv.reader(text, strict=True)):
                row += 1
        except csv.Error as error:
            if "end of data" in str(error) or "field limit" in str(error):
                raise FairkitError(f"{str(path)!r} cannot be read", _CSV,
                                   f"a quote in row {row} that is never closed") from None


def _labels(name, column, positive, negative):
    if positive is not None and negative is not None:
        raise FairkitError("both positive and negative are given", "one of them", f"{positive!r} and {negative!r}")
    _refuse_missing(f"label column {name!r}", column)
    threshold = _THRESHOLD.fullmatch(positive.strip()) if isinstance(positive, str) else None
    if threshold:
        scores, limit = _numbers(f"label column {name!r}", column), float(threshold[2])
        return (scores >= limit if threshold[1] == ">=" else scores > limit).astype(np.int64)
    distinct, codes = _encoded(column)
    if positive is None and negative is None:
        if not set(distinct) <= {"0", "1"}:
            raise FairkitError(f"the labels in column {name!r} are not 0 and 1", _NAME_THE_POSITIVE, _listed(distinct))
        wanted = ["1"]
    else:
        wanted = positive if negative is None else negative
        wanted = [str(v) for v in (wanted if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted])]
        if not wanted:
            raise FairkitError("no value counts as positive or negative", _NAME_THE_POSITIVE, "an empty list")
        for value in wanted:
            if value not in distinct:
                raise FairkitError(f"no label in column {name!r} is {value!r}", nearest(value, distinct), repr(value))
    hit = np.isin(np.array(distinct, object), wanted)
    return (hit if negative is None else ~hit)[codes].astype(np.int64)


def _group(name, column, separator):
    distinct, codes = _encoded(column)
    cells = [tuple(filter(None, map(str.strip, v.split(separator)))) if separator else (v,) for v in distinct]
    # The last cell is the empty one, which null cells (code -1) point at.
    return GroupColumn.encode(name, [*cells, ()]).take(np.where(codes < 0, len(cells), codes))


def _encoded(column):
    """The distinct texts of a column, and which of them each row has (-1 for an empty cell)."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)


def _texts(column):
    return column.fill_null("").to_numpy()


def _typed(column):
    """Whole numbers, numbers or texts: the first that every cell of the column is."""
    import pyarrow as pa

    for kind in () if column.null_count else (pa.int64(), pa.float64()):
        try:
            return column.cast(kind).to_numpy()
        except pa.ArrowInvalid:
            continue
    return _texts(column)


def _numbers(what, column):
    """(n,) float64; refuses cells that are missing, no number, or not finite, with their row."""
    import pyarrow as pa

    _refuse_missing(what, column)
    try:
        numbers = column.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        numbers = np.array([_number(text) for text in column.to_pylist()])
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise FairkitError(f"{what} holds what is no number", "finite numbers",
                           f"{column[int(bad[0])].as_py()!r} in row {bad[0] + 2}")
    return numbers


def _number(text):
    try:
        return float(text)
    except ValueError:
        return np.nan


def _ids(name, column):
    _refuse_missing(f"id column {name!r}", column)
    return np.array(column.to_pylist())


def _refuse_missing(what, column):
    if column.null_count:
        rows = np.flatnonzero(column.is_null().to_numpy())
        raise FairkitError(f"{what} has empty cells", "a value in every row", f"{len(rows)} empty, the first in row "
                           f"{rows[0] + 2}")


def _listed(values, shown=8):
    more = len(values) - shown
    return ", ".join(repr(v) for v in sorted(values)[:shown]) + (f" and {more} more" if more > 0 else "")


def _one_line(error):
    return " ".join(str(error).split())[:300]
