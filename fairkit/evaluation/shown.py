"""What can be seen on the Fairness Indicators board."""

__all__ = ["Shown"]


class Shown:
    """Gives a result its board; the view is imported only then."""

    def show(self, **options):
        """The Fairness Indicators board, for a notebook cell; options are those of `fairkit.view.board`."""
        from fairkit.view import board

        return board(self, **options)

    def save_html(self, path, **options):
        """Writes the Fairness Indicators board as one self-contained page."""
        self.show(**options).save(path)

    def _repr_html_(self):
        return self.show()._repr_html_()
