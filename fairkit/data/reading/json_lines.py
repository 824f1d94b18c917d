"""JSON files: one object a line, or an array of objects.

Lines are read in blocks. A block of which Arrow makes as many rows as it has lines is read by Arrow; any other is read
line by line in Python, which decides what a bad row is: Arrow accepts no line that Python does not.
"""

import codecs
import io
from itertools import islice

import numpy as np

from fairkit.data.reading.json_arrays import elements, is_array
from fairkit.data.reading.json_cells import FORM, Columns, Decoder, lenient
from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.compression import DAMAGED
from fairkit.formats.watched import Watched

__all__ = ["JsonLines"]

_FIRST = 1 << 18    # bytes of the first block, which is read in Python
_BLOCK = 1 << 22
_LONGEST = 1 << 30  # bytes of a block that Arrow is given
_LOOKED_AT = 1000   # rows whose keys and kinds are taken for those of the file
_ROWS = 1 << 15


class JsonLines(Source):
    """Rows of JSON files; the first line, or element of an array, is row 1. A key that a row lacks is a missing cell.

    Args:
        files: list of (path, compression).

    Raises:
        FairkitError: for a file whose first thousand rows hold no object.
    """

    def __init__(self, files):
        self.files = [(path, compression, is_array(path, compression)) for path, compression in files]
        path = files[0][0]
        super().__init__(repr(str(path)), self._keys())
        self.folder = path.parent

    def checked(self, columns):
        return super().checked(columns) if set(columns) <= set(self.names) else self._looked_for(columns)

    def chunks(self, columns, bad_rows):
        kinds = Columns(columns, list(islice(_objects(*self.files[0]), _LOOKED_AT)))
        for path, compression, array in self.files:
            if array:
                yield from _of_array(path, compression, kinds, bad_rows)
                continue
            for block, first in _blocks(path, compression):
                read = _by_arrow(block, kinds) if first > 1 else None
                if read is None:
                    yield from _by_python(block, first, path, kinds, bad_rows)
                else:
                    yield read[0], path, first + read[1]

    def _keys(self):
        """The keys of the first rows, in the order of their appearance; odd ones are told when they are read."""
        path, compression, array = self.files[0]
        names = {}
        for row in islice(_objects(path, compression, array), _LOOKED_AT):
            names.update(dict.fromkeys(row))
        if not names and array:
            raise FairkitError(f"{str(path)!r} holds a JSON array of something else than objects", FORM, "an array")
        if not names:
            first = next(_lines(path, compression), None)
            shown = "no lines" if first is None else f"a first line of {quote(first[:40].decode('utf-8', 'replace'))}"
            raise FairkitError(f"{str(path)!r} holds no JSON Lines", FORM, shown)
        return list(names)

    def _looked_for(self, columns):
        """A key that is rare may not be in the first rows."""
        import json

        missing = set(columns) - set(self.names)
        spelled = [json.dumps(name, ensure_ascii=ascii).encode("utf-8", "replace")
                   for name in missing for ascii in (False, True)]
        for path, compression, array in self.files:
            found = _objects(path, compression, True) if array else (
                lenient(line) for line in _lines(path, compression) if any(name in line for name in spelled))
            for row in found:
                self.names += [name for name in row if name not in self.names]
                missing -= set(row)
                if not missing:
                    return super().checked(columns)
        return super().checked(columns)


def _objects(path, compression, array):
    """The rows of a file, as dicts; empty ones for what is none."""
    if not array:
        return map(lenient, _lines(path, compression))
    return (row if isinstance(row, dict) else {} for row in elements(path, compression, Decoder()))


def _lines(path, compression):
    """The lines that are not blank, as bytes."""
    for block, _ in _blocks(path, compression):
        yield from (line for line in io.BytesIO(block) if line.strip())


def _blocks(path, compression):
    """Yields (bytes of whole lines, the number of the first of them)."""
    parts, number, size = [], 1, _FIRST
    try:
        with Watched(path, compression) as file:
            block = file.read(size).removeprefix(codecs.BOM_UTF8)
            while block:
                cut = block.rfind(b"\n") + 1
                parts.append(block[:cut] if cut else block)
                if cut:
                    whole = b"".join(parts)
                    yield whole, number
                    number, parts, size = number + whole.count(b"\n"), [block[cut:]], _BLOCK
                block = file.read(size)
    except FairkitError:
        raise
    except DAMAGED as error:
        raise FairkitError(f"{str(path)!r} cannot be read to its end", "a whole file", one_line(error)) from None
    if any(parts):
        yield b"".join(parts), number


def _by_arrow(block, kinds):
    """(the table of a block, by how much its first line is off, or an array for each); None if Python has to look."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    schema, lines = kinds.schema(), _whole_lines(block)
    if schema is None or lines is None or len(block) > _LONGEST:
        return None
    block, count, offsets = lines
    parse = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = arrow_json.read_json(pa.BufferReader(block), parse_options=parse,
                                     read_options=arrow_json.ReadOptions(block_size=max(len(block) // 2, 1 << 20)))
        table.validate(full=True)  # Arrow takes bytes that are no UTF-8 for texts
    except MemoryError:   # which Arrow takes for an error of its own
        raise
    except pa.ArrowException:
        return None
    if len(table) != count or not kinds.note_large(table):
        return None
    return table.select(schema.names), offsets


def _whole_lines(block):
    """(the lines that are not blank, how many, their places); None unless each begins and ends as an object does.

    Where this is so no object goes over several lines, because nothing but a comma stands between braces within one.
    """
    breaks = block.count(b"\n") - block.endswith(b"\n")
    if block.startswith(b"{") and block[-3:].rstrip().endswith(b"}") and \
            (breaks == block.count(b"}\n{") or breaks == block.count(b"}\r\n{")):
        return block, breaks + 1, 0
    lines = [line.strip() for line in block.split(b"\n")]
    offsets = [number for number, line in enumerate(lines) if line]
    lines = [lines[number] for number in offsets]
    if not lines or not all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
        return None
    return b"\n".join(lines), len(lines), np.array(offsets)


def _by_python(block, first, path, kinds, bad_rows):
    """The table of a block, line by line; every odd line is named."""
    decoder, rows, numbers = Decoder(), [], []
    for number, line in enumerate(io.BytesIO(block), first):
        if not line.strip():
            continue
        place = f"row {number} of {str(path)!r}"
        try:
            row = decoder.decode(line)
        except (ValueError, RecursionError) as error:
            bad_rows.report(place, None, "a line is no JSON", FORM, one_line(error))
            continue
        cells = kinds.cells(row, decoder.twice, place, bad_rows)
        if cells is not None:
            rows.append(cells)
            numbers.append(number)
    if rows:
        yield kinds.table(rows), path, np.array(numbers)


def _of_array(path, compression, kinds, bad_rows):
    """Tables of some thousand elements of an array."""
    decoder, rows, numbers = Decoder(), [], []
    for number, row in enumerate(elements(path, compression, decoder), 1):
        cells = kinds.cells(row, decoder.twice, f"row {number} of {str(path)!r}", bad_rows)
        if cells is not None:
            rows.append(cells)
            numbers.append(number)
        if len(rows) == _ROWS:
            yield kinds.table(rows), path, np.array(numbers)
            rows, numbers = [], []
    if rows:
        yield kinds.table(rows), path, np.array(numbers)
