"""A file that is read, with what has to be known of its bytes on the way."""

import io
import os

from fairkit.formats.compression import open_bytes, uncompressed_size
from fairkit.formats.memory import check_fits, free_memory
from fairkit.formats.progress import progress_of_bytes

__all__ = ["Watched"]

_STEP, _RESERVE = 1 << 25, 1 << 27   # bytes after which the memory is looked at again, and that stay free


class Watched(io.RawIOBase):
    """The uncompressed bytes of a file: shows progress and stops before memory is full.

    Args:
        path: of the file.
        compression: as `fairkit.formats.compression.compression_of` tells it.

    Raises:
        FairkitError: at once where the size that is written down exceeds the free memory, and while reading where a
            compressed file turns out to be larger.
    """

    def __init__(self, path, compression=None):
        super().__init__()
        self.size, self._opened = 0, []   # closed by close, also where what follows fails
        self._what, self._free = repr(str(path)), free_memory()
        self._known = uncompressed_size(path, compression)
        if self._known is not None:
            check_fits(self._what, self._known, self._free)
        self._looked_at = 0
        self._raw = self._open(open(path, "rb"))  # noqa: SIM115
        self._file = self._open(open_bytes(path, compression, self._raw))
        self._bar = self._open(progress_of_bytes(os.path.getsize(path), os.path.basename(path)))

    def _open(self, part):
        self._opened.append(part)
        return part

    def readable(self):
        return True

    def read(self, size=-1):
        block = self._file.read(size)
        self.size += len(block)
        self._bar.update(self._raw.tell() - self._bar.n)
        check_fits(self._what, self.size, self._free)
        if self.size >= self._looked_at + _STEP:
            # What was read may have become larger than the file is: is there still room for the rest?
            self._looked_at, left = self.size, max((self._known or 0) - self.size, 0)
            check_fits(self._what, left + _RESERVE)
        return block

    def readinto(self, buffer):
        block = self.read(len(buffer))
        buffer[:len(block)] = block
        return len(block)

    def close(self):
        while self._opened:
            self._opened.pop().close()
        super().close()
