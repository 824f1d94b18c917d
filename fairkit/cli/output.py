"""What the command line prints: safe for a terminal, for any encoding, and for a reader who stops reading.

A reader such as `head` that has seen enough ends no command: what is left to do is done, files are written, and the
exit status says what became of it.
"""

import contextlib
import os
import sys
import warnings

from fairkit.errors import FairkitError, one_line, visible

__all__ = ["printed", "said"]


@contextlib.contextmanager
def printed():
    """Standard output for the time of a command; gives an object whose `closed` says that the reader has gone.

    Raises:
        FairkitError: at the end, if what was printed could not be written, as on a full disk.
    """
    output, shown, before = _Output(sys.stdout), warnings.showwarning, sys.stdout
    sys.stdout = output
    warnings.showwarning = lambda message, *_, **__: said(f"warning: {message}")
    try:
        yield output
        output.flush()
    finally:
        sys.stdout, warnings.showwarning = before, shown
        if output.failed is not None or output.closed:
            output.turn_away()
    if output.failed is not None:
        raise FairkitError("what was found could not be printed, but is done", "a standard output that takes it",
                           one_line(output.failed.strerror or output.failed))


def said(message):
    """A line on standard error, whatever is in it."""
    with contextlib.suppress(OSError, ValueError):
        print(f"fairkit: {visible(message)}", file=sys.stderr, flush=True)


class _Output:
    """A text stream that is told from the real one by two things only: it escapes, and it outlives its reader."""

    def __init__(self, stream):
        self._stream, self.closed, self.failed = stream, False, None
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")   # so that an encoding without a letter does not fail

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        self._try(lambda: self._stream.write("\n".join(map(_shown, text.split("\n")))))
        return len(text)

    def flush(self):
        self._try(self._stream.flush)

    def _try(self, act):
        if self.closed or self.failed is not None:
            return
        try:
            act()
        except BrokenPipeError:
            self.closed = True
        except OSError as error:
            self.failed = error

    def turn_away(self):
        """What is still in the buffer goes nowhere, so that Python does not fail on it as it ends."""
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def _shown(line):
    return "\t".join(map(visible, line.split("\t"))) if not line.isprintable() else line
