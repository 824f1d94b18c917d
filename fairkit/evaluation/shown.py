"""What can be seen on the Fairness Indicators board."""

from fairkit.errors import quote

__all__ = ["Shown"]


class Shown:
    """Gives a result its board, also as the last expression of a notebook cell; the view is imported only then."""

    def show(self, **options):
        """Shows the Fairness Indicators board: in a notebook as output of the cell, elsewhere in the browser.

        Args:
            options: those of `fairkit.view.board`.
        """
        self._board(**options).show()

    def save_html(self, path, **options):
        """Writes the Fairness Indicators board as one self-contained page."""
        self._board(**options).save(path)

    def plot(self, kind: str | None = None, **options):
        """A plot of that kind: a `fairkit.view.Display`. Kinds and options are those of `fairkit.view.plot`."""
        from fairkit.view import plot

        return plot(self, kind, **options)

    def report(self, *others, **options):
        """A report: what was asked, the answer in sentences, tables, plots, the board; a `fairkit.view.Report`.

        Args:
            others: further `Evaluation`s, each of which is compared with this one.
            options: those of `fairkit.view.make_report`.
        """
        from fairkit.view import make_report

        return make_report(self, *others, **options)

    def _board(self, **options):
        from fairkit.view import board

        return board(self, **options)

    def _repr_html_(self):
        return self._board()._repr_html_()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": quote(self._board())}  # a table beside the HTML: for GitHub, and IPython in a terminal
