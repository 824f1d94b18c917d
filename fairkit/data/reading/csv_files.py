"""CSV files with a header, read by Arrow block by block."""

import codecs
import csv
import io

import numpy as np

from fairkit.data.reading.source import Source
from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.compression import DAMAGED, ending_of
from fairkit.formats.csv_quotes import Quotes, long_cells
from fairkit.formats.watched import Watched

__all__ = ["CsvFiles"]

_CSV = "a CSV file in UTF-8: a header, commas, texts with commas or line breaks in double quotes"
_NO_TEXT = frozenset(map(chr, {*range(9), 11, 12, *range(14, 32)}))   # control characters
_BLOCKS = (1 << 20, 1 << 24, 1 << 29)   # bytes that Arrow parses at a time: a row must fit into one


class CsvFiles(Source):
    """Rows of CSV files that have the columns of the first of them; the header is row 1.

    Args:
        files: list of (path, compression).
        delimiter: between the cells, or "\\t" as a shell gives it; None for a tab in .tsv files, a comma in others.
        encoding: of the texts.
        ending: that tells what is in the files, such as ".tsv"; that of the first of them if None.

    Raises:
        FairkitError: for a file without a header, or a delimiter or an encoding that is none.
    """

    untyped = True

    def __init__(self, files, delimiter=None, encoding="utf-8", ending=None):
        self.files, self.encoding = files, _codec(encoding)
        path = files[0][0]
        tabs = (ending or ending_of(path)) in (".tsv", ".tab")
        self.delimiter = ("\t" if tabs else ",") if delimiter is None else _checked_delimiter(delimiter)
        super().__init__(repr(str(path)), self._header(*files[0]))
        self.folder = path.parent

    @property
    def hint(self):
        """Names the delimiter that the header seems to have, where it is a single cell with one in it."""
        other = self._other_delimiter()
        return other and (f"{self.what} has a single column; if {quote(other)} stands between its cells: "
                          f"delimiter={quote(other)}")

    def checked(self, columns):
        other = self._other_delimiter()
        if other is not None and self.names[0] not in columns:
            raise FairkitError(f"{self.what} has a single column, {quote(self.names[0][:60])}",
                               f"cells with {quote(self.delimiter)} between them, or delimiter={quote(other)}",
                               quote(other))
        return super().checked(columns)

    def _other_delimiter(self):
        return next((mark for mark in ";\t|," if len(self.names) == 1 and mark in self.names[0]), None)

    def chunks(self, columns, bad_rows):
        for path, compression in self.files:
            if self._header(path, compression) != self.names:
                raise FairkitError(f"{str(path)!r} has other columns than the first file", ", ".join(self.names),
                                   ", ".join(self._header(path, compression)))
            yield from _File(self, path, compression, columns, bad_rows).chunks()

    def _header(self, path, compression):
        try:
            with Watched(path, compression) as raw:
                header = next(filter(None, self.reader(raw)), None)
        except FairkitError:
            raise
        except (*DAMAGED, csv.Error) as error:
            raise FairkitError(f"{str(path)!r} cannot be read", _CSV, one_line(error)) from None
        if header is None:
            raise FairkitError(f"{str(path)!r} is empty", _CSV, "no header")
        if any(_NO_TEXT & set(name) or "\ufffd" in name for name in header):
            raise FairkitError(f"{str(path)!r} is no CSV file", f"{_CSV}; or encoding=, such as 'latin-1' or 'utf-16'",
                               f"a first line of {','.join(header)[:40]!r}")
        return header

    def reader(self, raw, strict=False):
        """The rows of an opened file as Python's csv module reads them; blank lines are empty rows."""
        codec = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        text = io.TextIOWrapper(io.BufferedReader(raw), codec, errors="replace", newline="")
        return csv.reader(text, delimiter=self.delimiter, strict=strict)


class _File:
    """One file on its way through Arrow."""

    def __init__(self, source, path, compression, columns, bad_rows):
        self.source, self.path, self.compression, self.columns = source, path, compression, columns
        self.bad_rows, self.skipped, self.reported, self.error, self.quotes = bad_rows, [], 0, None, None

    def chunks(self):
        """Yields (table, path, numbers of its rows); larger blocks are tried where a row does not fit into one."""
        done = 0
        for block in _BLOCKS:
            self.skipped, seen = [], 0
            try:
                for table in self._tables(block):
                    first, seen = seen, seen + len(table)
                    if seen > done:
                        start = max(done - first, 0)
                        yield table.slice(start), self.path, self._numbers(first + start, seen)
                        done = seen
                return
            except _RowTooLong:
                continue
        self._line_of()
        raise FairkitError(f"a row of {str(self.path)!r} is too long", f"rows of at most {_BLOCKS[-1] >> 20} MiB",
                           "a longer one, or a quote that is never closed")

    def _tables(self, block):
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        decoded = self.source.encoding == "utf-8"
        kind = pa.binary() if decoded else pa.string()   # what is no UTF-8 is told by row and column later
        convert = arrow_csv.ConvertOptions(include_columns=self.columns, null_values=[""], strings_can_be_null=True,
                                           column_types=dict.fromkeys(self.columns, kind))
        parse = arrow_csv.ParseOptions(newlines_in_values=True, delimiter=self.source.delimiter,
                                       invalid_row_handler=self._wrong_length)
        # Only one thread counts the rows, so that a message can say which.
        read = arrow_csv.ReadOptions(block_size=block, use_threads=False)
        self.quotes = Quotes(self.source.delimiter)
        try:
            with Watched(self.path, self.compression) as raw:
                blocks = _Blocks(raw, self.source.encoding, self.quotes.add)
                for batch in arrow_csv.open_csv(pa.PythonFile(blocks, "r"), read_options=read, parse_options=parse,
                                                convert_options=convert):
                    yield pa.Table.from_batches([batch])
        except FairkitError:
            raise
        except MemoryError:   # which Arrow takes for an error of its own
            raise
        except (pa.ArrowException, *DAMAGED) as error:
            if self.error is not None:
                raise self.error from None
            if "straddling" in str(error):
                raise _RowTooLong from None
            raise FairkitError(f"{str(self.path)!r} cannot be read", _CSV, one_line(error)) from None
        if self.quotes.doubtful:
            self._line_of()

    def _wrong_length(self, row):
        """Arrow calls this for a row with more or fewer cells than the header."""
        self.skipped.append(row.number)
        if len(self.skipped) > self.reported:
            self.reported += 1
            try:
                line = self._line_of(row.number) if self.bad_rows.raises else row.number
                at = "" if line == row.number else f" (line {line})"
                self.bad_rows.report(f"row {row.number} of {str(self.path)!r}{at}", None,
                                     "a row has another number of cells than the header",
                                     f"{row.expected_columns} cells, texts with commas in double quotes; or "
                                     "bad_rows='set aside'", f"{row.actual_columns} cells")
            except FairkitError as error:
                self.error = error
                return "error"
        return "skip"

    def _numbers(self, start, stop):
        """The file's own numbers of the rows from `start` to `stop` of those that were kept: the header is row 1."""
        if not self.skipped:
            return start + 2
        every = np.arange(2, stop + 2 + len(self.skipped))
        return np.setdiff1d(every, self.skipped, assume_unique=True)[start:stop]

    def _line_of(self, number=None):
        """The line on which a row begins, read by Python; with None all rows are read.

        Raises:
            FairkitError: for quotes that do not pair up, in that row or before it: Arrow takes all that follows a quote
                that is never closed for one cell, and text behind a closing one for its own. Rows must not vanish so.
        """
        row = line = last = 0
        try:
            with long_cells(_BLOCKS[-1]), Watched(self.path, self.compression) as raw:
                reader = self.source.reader(raw, strict=True)
                while number is None or row < number:
                    cells = next(reader, None)
                    if cells is None:
                        break
                    row, line, last = (row + 1, last + 1, reader.line_num) if cells else (row, line, reader.line_num)
        except csv.Error as error:
            at = f"row {row + 1}" if row == last else f"row {row + 1} (line {last + 1})"
            if "end of data" in str(error) or "field limit" in str(error):
                raise FairkitError(f"{str(self.path)!r} cannot be read", _CSV,
                                   f"a quote in {at} that is never closed") from None
            if "expected after" in str(error):
                raise FairkitError(f"{str(self.path)!r} cannot be read", f"{_CSV}, quotes within these doubled, not "
                                   "behind a backslash", "text behind a closing quote, or a quote before it that is "
                                   f"never closed, in {at}") from None
        return line


class _Blocks(io.RawIOBase):
    """The bytes of a file in UTF-8, in blocks none of which ends on a carriage return.

    Arrow drops a line feed at the beginning of a block where the block before ended on a carriage return, also within
    quotes. It cuts blocks as it is given them only if it has nothing to decode.

    Args:
        raw: the opened file.
        encoding: of its texts.
        taken: is given each block.
    """

    def __init__(self, raw, encoding, taken):
        super().__init__()
        self._raw, self._taken, self._held = raw, taken, b""
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()

    def readable(self):
        return True

    def read(self, size=-1):
        block, ended = self._held, False
        while not (ended or block.rstrip(b"\r")):
            more = self._raw.read(size)
            ended = not more
            block += more if self._decoder is None else self._decoder.decode(more, ended).encode()
        kept = len(block) if ended else len(block.rstrip(b"\r"))
        block, self._held = block[:kept], block[kept:]
        self._taken(block)
        return block


class _RowTooLong(Exception):
    """A row does not fit into a block."""


def _checked_delimiter(delimiter):
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if not isinstance(delimiter, str) or len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise FairkitError("the delimiter is no character that can be one", "one ASCII character, such as ';'",
                           quote(delimiter))
    return delimiter


def _codec(encoding):
    try:
        "".encode(encoding)    # refuses what encodes no texts, such as base64
        return "utf-8" if (name := codecs.lookup(encoding).name) in ("utf-8", "utf-8-sig", "ascii") else name
    except (LookupError, TypeError, ValueError):
        raise FairkitError("no such encoding", "'utf-8', 'latin-1', 'cp1252', 'utf-16' and the like",
                           quote(encoding)) from None
