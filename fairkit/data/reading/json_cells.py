"""Values of JSON as cells of columns that hold one kind each."""

import json
import math
from collections import Counter

from fairkit.errors import FairkitError, one_line, quote

__all__ = ["FORM", "Columns", "Decoder", "lenient"]

FORM = "JSON Lines in UTF-8: one object a line, such as {\"text\": \"hello\", \"label\": 0}; or an array of these"
_EXACT = 1 << 53     # floats hold whole numbers up to this one
_LARGE = "large whole number"
_PYTHON = ((bool, "boolean"), (int, "whole number"), (float, "number"), (str, "text"), (dict, "nested object"))


class Decoder:
    """Python's decoder of JSON; a key of the outermost object that occurs twice is in `twice`."""

    def __init__(self):
        self.twice = ()
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object)

    def decode(self, line):
        """The value of bytes; cells that are no UTF-8 hold surrogates."""
        self.twice = ()
        return self._decoder.decode(line.decode("utf-8", "surrogateescape"))

    def raw_decode(self, text, at):
        """(the value that begins there, its end)."""
        self.twice = ()
        return self._decoder.raw_decode(text, at)

    def _object(self, pairs):
        row = dict(pairs)   # the outermost object is the last one
        self.twice = () if len(row) == len(pairs) else {
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1}
        return row


class Columns:
    """The columns that are wanted, the kind of each, and tables of them.

    A kind is (depth of lists, what is in them or None for nothing). The kind of a column is that of most of the rows
    that are looked at first; whole numbers become numbers, and single values lists of one, where a later row wants it.

    Args:
        names: of the columns.
        first: some rows, as dicts.
    """

    def __init__(self, names, first):
        self.names, self.kinds = names, {}
        for name in names:
            counts = Counter(filter(None, (_kind_or_none(row.get(name)) for row in first)))
            if counts:
                self.kinds[name] = counts.most_common(1)[0][0]

    def cells(self, row, twice, place, bad_rows):
        """The cells of a decoded row; None for one that is reported as bad."""
        if not isinstance(row, dict):
            bad_rows.report(place, None, "a row of JSON is no object", FORM, f"a {type(row).__name__}")
            return None
        kinds = {}
        for name in self.names:
            known = self.kinds.get(name)
            if name in twice:
                return _bad(bad_rows, place, name, f"the key {quote(name)} occurs twice", "each key once", "")
            try:
                kind = _kind(row.get(name))
            except _Odd as error:
                return _bad(bad_rows, place, name, f"column {quote(name)} holds {error}",
                            "texts in UTF-8, 64-bit whole "
                            "numbers, numbers, booleans or lists of one of these", quote(row[name])[:60])
            try:
                kinds[name] = _joined(known, kind)
            except _Odd:
                return _bad(bad_rows, place, name,
                            f"column {quote(name)} holds a {_words(kind)} where other rows hold a "
                            f"{_words(known)}", f"a {_words(known)}", quote(row[name])[:60])
        self.kinds |= {name: kind for name, kind in kinds.items() if kind}
        return [row.get(name) for name in self.names]

    def table(self, rows):
        """`pyarrow.Table` of the cells of some rows."""
        import pyarrow as pa

        arrays = []
        for name, cells in zip(self.names, zip(*rows)):
            kind = self.kinds.get(name)
            if kind is not None and kind[0] == 1:
                cells = [cell if cell is None or isinstance(cell, list) else [cell] for cell in cells]
            try:
                arrays.append(pa.array(cells, arrow_type(kind)))
            except MemoryError:   # which Arrow takes for an error of its own
                raise
            except (pa.ArrowException, OverflowError, ValueError) as error:
                raise FairkitError(f"column {quote(name)} cannot be read",
                                   "texts, numbers, booleans or lists of one of "
                                   "these", one_line(error)) from None
        return pa.table(arrays, names=list(self.names))

    def schema(self):
        """The `pyarrow.Schema` of the columns; None where one holds nested objects."""
        import pyarrow as pa

        types = [arrow_type(self.kinds.get(name)) for name in self.names]
        return None if None in types else pa.schema(list(zip(self.names, types)))

    def note_large(self, table):
        """Notes large whole numbers in a table of Arrow's; False where Python has to look at its numbers."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for name in self.names:
            kind, column = self.kinds.get(name), table[name]
            if kind is None or kind[1] not in ("whole number", "number"):
                continue
            while pa.types.is_list(column.type):
                column = pc.list_flatten(column)
            if kind[1] == "number" and pc.all(pc.is_finite(column)).as_py() is False:
                return False
            span = pc.min_max(column).as_py()
            if any(end is not None and abs(end) > _EXACT for end in span.values()):
                if kind[1] == "number":
                    return False
                self.kinds[name] = (kind[0], _LARGE)
        return True


class _Odd(Exception):
    """A value of no kind, or of another kind."""


def lenient(line):
    """The object in a line or text; an empty one for anything else."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def arrow_type(kind):
    """Arrow's type of a kind; None for nested objects."""
    import pyarrow as pa

    depth, base = kind or (0, None)
    if base == "nested object":
        return None
    made = {None: pa.null(), "text": pa.string(), "boolean": pa.bool_(), "number": pa.float64()}.get(base, pa.int64())
    for _ in range(depth):
        made = pa.list_(made)
    return made


def _kind(value):
    """The kind of a value; None for nothing."""
    if value is None:
        return None
    if isinstance(value, list):
        kind = (0, None)
        for part in value:
            kind = _joined(kind, _kind(part), within=True)
        return kind[0] + 1, kind[1]
    base = next(name for python, name in _PYTHON if isinstance(value, python))
    if base == "text" and not value.isascii():
        _check_text(value)
    if base == "number" and not math.isfinite(value):
        raise _Odd("NaN or a number that is not finite")
    if base == "whole number" and abs(value) > _EXACT:
        if not -(1 << 63) <= value < 1 << 63:
            raise _Odd("a whole number that 64 bits do not hold")
        base = _LARGE
    return 0, base


def _kind_or_none(value):
    try:
        return _kind(value)
    except _Odd:
        return None


def _check_text(text):
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Odd("bytes that are no UTF-8" if "\udc80" <= text[error.start] <= "\udcff" else
                   "half a surrogate pair") from None


def _joined(known, kind, within=False):
    """The kind of a column that holds both; within a list, single values and lists do not go together."""
    if known is None or kind is None:
        return known or kind
    (depth, base), (other, inner) = sorted((known, kind), key=lambda one: one[0])
    both = {base, inner} - {None}
    if len(both) > 1 and both != {"whole number", "number"} and both != {"whole number", _LARGE}:
        raise _Odd
    if depth < other and not (base is None and (depth or within)) and (within or (depth, other) != (0, 1)):
        raise _Odd
    return other, None if not both else next(iter(both - {"whole number"}), "whole number")


def _words(kind):
    depth, base = kind
    if not depth:
        return base
    return "list " + "of lists " * (depth - 1) + (f"of {base}s" if base else "of nothing")


def _bad(bad_rows, place, name, wrong, expected, received):
    bad_rows.report(place, name, wrong, f"{expected}; or bad_rows='set aside'", received)
