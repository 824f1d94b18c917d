"""Showing a page: in the cell of a notebook, or in the reader's browser."""

import os
import sys
import tempfile
import webbrowser
from pathlib import Path

__all__ = ["show_page"]


def show_page(page):
    """Shows a page right away.

    In a notebook it becomes an output of the running cell. Elsewhere it is written to a new temporary folder that only
    its owner can read, the place is printed, and a browser is opened where the machine has a screen.

    Args:
        page: has `_repr_html_()` and `save(path)`.
    """
    if _in_notebook():
        from IPython.display import display

        display(page)
        return
    path = page.save(Path(tempfile.mkdtemp(prefix="fairkit-")) / "board.html")
    opened = _has_screen() and webbrowser.open(path.as_uri())
    print(f"{'Opened' if opened else 'To open in a browser:'} {path}")


def _in_notebook():
    """Whether a kernel runs this code: Jupyter, VS Code, Colab; a terminal with IPython has none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _has_screen():
    """Without a screen `webbrowser` would start a browser in the terminal, and wait for it."""
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
