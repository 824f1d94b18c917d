"""A file that is one JSON array of objects, as pandas writes it, read element by element."""

import codecs
import io
import re

from fairkit.data.reading.json_cells import FORM
from fairkit.errors import FairkitError, one_line, quote
from fairkit.formats.compression import DAMAGED
from fairkit.formats.watched import Watched

__all__ = ["elements", "is_array"]

_BLOCK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")


def is_array(path, compression):
    """Whether a file begins with a bracket, and its first line is not a whole array with others below."""
    with _opened(path, compression) as file:
        head = file.read(_BLOCK).removeprefix(codecs.BOM_UTF8).lstrip()
    first, _, below = head.partition(b"\n")
    return head.startswith(b"[") and not (first.rstrip().endswith(b"]") and below.strip())


def elements(path, compression, decoder):
    """Yields the elements of the array in a file, decoded.

    Args:
        path, compression: of the file.
        decoder: `Decoder`.

    Raises:
        FairkitError: for a file that holds something else than one array.
    """
    with _opened(path, compression) as file:
        text = _Text(file)
        text.skip("[")
        if text.next() == "]":
            text.skip("]")
        else:
            number, between = 1, ","
            while between == ",":
                yield text.value(decoder, f"row {number} of {str(path)!r}")
                between, number = text.next(), number + 1
                if between not in (",", "]"):
                    raise FairkitError(f"the array in {str(path)!r} is no JSON", FORM,
                                       f"{quote(between)} behind row {number - 1}" if between else
                                       f"an end behind row {number - 1}")
                text.skip(between)
        if text.next():
            raise FairkitError(f"{str(path)!r} holds more than a JSON array", FORM, quote(text.next()))


class _Text:
    """The letters of a file from where they have been read to."""

    def __init__(self, file):
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._text, self._at, self._ended = "", 0, False

    def next(self):
        """The next letter that is no space; nothing at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()
            if self._at < len(self._text) or self._ended:
                return self._text[self._at:self._at + 1]
            self._more(_BLOCK)

    def skip(self, letter):
        if self.next() == letter:
            self._at += 1

    def value(self, decoder, place):
        self.next()
        size = _BLOCK
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            except RecursionError:
                raise FairkitError("an element of the array is nested too deep", FORM, place) from None
            except ValueError as error:
                if self._ended:
                    wrong = getattr(error, "msg", one_line(error))
                    raise FairkitError("an element of the array is no JSON", FORM, f"{wrong}, {place}") from None
            self._more(size)
            size *= 2

    def _more(self, size):
        block = self._file.read(size)
        self._ended = not block
        self._text = self._text[self._at:] + self._decoder.decode(block, self._ended)
        self._at = 0


class _opened:
    """A file opened for its bytes; damage is told in our words."""

    def __init__(self, path, compression):
        self.path = path
        self._file = io.BufferedReader(Watched(path, compression), _BLOCK)

    def __enter__(self):
        return self._file

    def __exit__(self, kind, error, trace):
        self._file.close()
        if isinstance(error, DAMAGED) and not isinstance(error, FairkitError):
            raise FairkitError(f"{str(self.path)!r} cannot be read to its end", "a whole file",
                               one_line(error)) from None
