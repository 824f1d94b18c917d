"""JSON Lines files: one object a line, read by Arrow; line by line in Python where Arrow finds something wrong."""

import json

import numpy as np

from fairkit.data.reading.csv_files import one_line
from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError
from fairkit.formats.compression import DAMAGED
from fairkit.formats.watched import Watched

__all__ = ["JsonLines"]

_FORM = "JSON Lines in UTF-8: one object a line, such as {\"text\": \"hello\", \"label\": 0}"
_BLOCK = 1 << 22
_LOOKED_AT = 1000   # lines whose keys and types are taken for those of the file
_ROWS = 1 << 15


class JsonLines(Source):
    """Rows of JSON Lines files; the first line is row 1, and a key that a line lacks is a missing cell.

    Args:
        files: list of (path, compression).

    Raises:
        FairkitError: for a file whose first thousand lines hold no object.
    """

    def __init__(self, files):
        self.files = files
        path = files[0][0]
        super().__init__(repr(str(path)), self._keys(*files[0]))
        self.folder = path.parent

    def checked(self, columns):
        return super().checked(columns) if set(columns) <= set(self.names) else self._looked_for(columns)

    def chunks(self, columns, bad_rows):
        for path, compression in self.files:
            types, done = self._types(path, compression, columns), 0
            if types is not None:
                try:
                    for table in self._by_arrow(path, compression, columns, types):
                        yield table, path, done + 1
                        done += len(table)
                    continue
                except _Odd:
                    pass
            yield from _slowly(path, compression, columns, bad_rows, done)

    def _keys(self, path, compression):
        """The keys of the first lines, in the order of their appearance; odd lines are told when they are read."""
        names, first = {}, None
        for number, line in zip(range(_LOOKED_AT), _lines(path, compression)):
            first = line if first is None else first
            try:
                row = json.loads(line)
            except ValueError:
                if number == 0 and line.lstrip().startswith(b"["):
                    row = []
                else:
                    continue
            if isinstance(row, list) and number == 0:
                raise FairkitError(f"{str(path)!r} holds a JSON array", _FORM, "an array")
            names.update(dict.fromkeys(row) if isinstance(row, dict) else {})
        if not names:
            shown = "no lines" if first is None else f"a first line of {first[:40].decode('utf-8', 'replace')!r}"
            raise FairkitError(f"{str(path)!r} holds no JSON Lines", _FORM, shown)
        return list(names)

    def _looked_for(self, columns):
        """A key that is rare may not be in the first lines."""
        missing = set(columns) - set(self.names)
        for path, compression in self.files:
            for line in _lines(path, compression):
                if any(json.dumps(name, ensure_ascii=False).encode() in line or json.dumps(name).encode() in line
                       for name in missing):
                    found = _object(line)
                    self.names += [name for name in found if name not in self.names]
                    missing -= set(found)
                    if not missing:
                        return super().checked(columns)
        return super().checked(columns)

    def _types(self, path, compression, columns):
        """Arrow's types of the columns, by the first lines; None where these do not agree."""
        import pyarrow as pa

        rows = [_object(line) for _, line in zip(range(_LOOKED_AT), _lines(path, compression))]
        try:
            types = {name: pa.array([row.get(name) for row in rows]).type for name in columns}
        except (pa.ArrowException, OverflowError):
            return None
        return None if any(pa.types.is_null(kind) or (pa.types.is_nested(kind) and _has_null(kind))
                           for kind in types.values()) else types

    def _by_arrow(self, path, compression, columns, types):
        import pyarrow as pa
        from pyarrow import json as arrow_json

        parse = arrow_json.ParseOptions(explicit_schema=pa.schema(list(types.items())),
                                        unexpected_field_behavior="ignore")
        try:
            with Watched(path, compression) as raw:
                for batch in arrow_json.open_json(pa.PythonFile(raw, "r"), parse_options=parse,
                                                  read_options=arrow_json.ReadOptions(block_size=_BLOCK)):
                    table = pa.Table.from_batches([batch]).select(columns)
                    table.validate(full=True)  # Arrow takes bytes that are no UTF-8 for texts
                    yield table
        except FairkitError:
            raise
        except pa.ArrowException:
            raise _Odd from None  # an object over several blocks, another type than in the first lines, no JSON at all
        except DAMAGED as error:
            raise FairkitError(f"{str(path)!r} cannot be read to its end", "a whole file", one_line(error)) from None


class _Odd(Exception):
    """Something that Arrow does not read."""


def _has_null(kind):
    import pyarrow as pa

    return any(pa.types.is_null(kind.field(i).type) for i in range(kind.num_fields))


def _lines(path, compression):
    """The lines that are not blank, as bytes."""
    import io

    try:
        with Watched(path, compression) as raw, io.BufferedReader(raw, _BLOCK) as file:
            for line in file:
                if line.strip():
                    yield line
    except FairkitError:
        raise
    except DAMAGED as error:
        raise FairkitError(f"{str(path)!r} cannot be read to its end", "a whole file", one_line(error)) from None


def _object(line):
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _slowly(path, compression, columns, bad_rows, done):
    """Chunks of the rows after the first `done` ones; every odd line is named."""
    rows, numbers, kinds = [], [], {}
    for number, line in enumerate(_lines(path, compression), 1):
        row = _row(line, columns, kinds, f"row {number} of {str(path)!r}", bad_rows)
        if row is not None and number > done:
            rows.append(row)
            numbers.append(number)
        if len(rows) == _ROWS:
            yield _table(rows, columns, kinds), path, np.array(numbers)
            rows, numbers = [], []
    if rows:
        yield _table(rows, columns, kinds), path, np.array(numbers)


def _row(line, columns, kinds, place, bad_rows):
    """The cells of a line; None for one that is reported as bad."""
    try:
        row = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        bad_rows.report(place, None, "a line is no JSON", _FORM, one_line(error))
        return None
    if not isinstance(row, dict):
        bad_rows.report(place, None, "a line is no object", _FORM, f"a {type(row).__name__}")
        return None
    for name in columns:
        kind, known = None, kinds.get(name)
        try:
            kind = _kind(row.get(name))
            kinds[name] = _joined(known, kind)
        except ValueError as error:
            bad_rows.report(place, name, f"column {name!r} holds no text ({one_line(error)})" if kind is None else
                            f"column {name!r} holds a {kind} where other rows hold a {known}",
                            f"a {known or 'text'}; or bad_rows='set aside'", repr(row[name])[:60])
            return None
    return [row.get(name) for name in columns]


def _joined(known, kind):
    """The kind of a column that holds both; raises ValueError where there is none."""
    if known is None or kind is None or known == kind:
        return known or kind
    if "list" in (known[:4], kind[:4]):  # one value may stand without its brackets
        inner = {part.removeprefix("list of ").removesuffix("s") for part in (known, kind) if part != "list"}
        if len(inner) == 1 or inner == {"whole number", "number"}:
            return f"list of {max(inner, key=lambda name: name == 'number')}s"
    elif {kind, known} == {"whole number", "number"}:
        return "number"
    raise ValueError


def _kind(value):
    if value is None:
        return None
    if isinstance(value, str) and not value.isascii():
        value.encode()  # half a surrogate pair is no text: UnicodeEncodeError is a ValueError
    if isinstance(value, list):
        inner = {_kind(part) for part in value} - {None}
        inner = {"number"} if inner == {"whole number", "number"} else inner
        return "list" if not inner else f"list of {'s and '.join(sorted(inner))}s"
    for kind, name in ((bool, "boolean"), (int, "whole number"), (float, "number"), (str, "text")):
        if isinstance(value, kind):
            return name
    return "nested object"


def _table(rows, columns, kinds):
    import pyarrow as pa

    floats = {"number": pa.float64(), "list of numbers": pa.list_(pa.float64())}

    arrays = []
    for name, cells in zip(columns, zip(*rows)):
        kind = kinds.get(name) or ""
        if kind.startswith("list"):
            cells = [cell if cell is None or isinstance(cell, list) else [cell] for cell in cells]
        try:
            arrays.append(pa.array(cells, floats.get(kind)))
        except (pa.ArrowException, OverflowError) as error:
            raise FairkitError(f"column {name!r} cannot be read", "texts, numbers, booleans or lists of one of these",
                               one_line(error)) from None
    return pa.table(arrays, names=list(columns))


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def _once(pairs):
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key occurs twice")
    return row
