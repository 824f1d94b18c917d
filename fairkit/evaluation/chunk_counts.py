"""ChunkCounts: an evaluation of predictions that come in chunks, of which only the counts are kept."""

from fairkit.counts.running_cells import RunningCells
from fairkit.errors import FairkitError
from fairkit.evaluation.areas import FoundAreas
from fairkit.evaluation.cells_file import cells_from_bytes, cells_to_bytes
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.prediction_counts import count_predictions
from fairkit.evaluation.specs import check_values, checked_classes, checked_slices, checked_thresholds, cut_groups
from fairkit.predictions import Predictions

__all__ = ["ChunkCounts", "sliced_features"]


class ChunkCounts:
    """Counts chunks of predictions; two of these, of different chunks, add up.

    Args:
        slices, thresholds, classes: as in `fairkit.evaluate`.

    Raises:
        FairkitError: for slices or thresholds that are none, or quantiles, which need all examples at once.
    """

    def __init__(self, slices=(), thresholds=None, classes=None):
        self.specs, self.bins = checked_slices(slices, _EveryName())
        if any(not cut.edges for cut in self.bins.values()):
            raise FairkitError("quantiles need all examples at once", "fairkit.bins(...) with the edges",
                               "fairkit.quantiles on chunks")
        self.thresholds, self.classes = checked_thresholds(thresholds), classes
        self.weighted, self._cells, self._chunks = None, RunningCells(), 0

    def add(self, chunk):
        """Counts one chunk, a `Predictions`.

        Raises:
            FairkitError: for another type, a feature that it does not have, classes that are not the model's or not
                those of the chunks before, weights where the chunks before had none.
        """
        number, self._chunks = self._chunks, self._chunks + 1
        if not isinstance(chunk, Predictions):
            raise FairkitError(f"chunk {number} is no Predictions", "an iterable of fairkit.Predictions",
                               type(chunk).__name__)
        if not len(chunk):
            return
        checked_slices([name for spec in self.specs for name, _ in spec], chunk.groups)
        groups, _ = cut_groups(chunk.groups, self.bins)
        judged = checked_classes(self.classes, chunk.classes)
        cells, _ = count_predictions(chunk.with_groups(groups), self.specs, self.thresholds, judged, fine=True)
        self._add(cells, chunk.weights is not None, f"chunk {number}")

    def update(self, other):
        """Adds what another `ChunkCounts` of the same slices, thresholds and classes has counted."""
        if other:
            self._add(other.cells, other.weighted, "a part")

    def __bool__(self):
        return bool(self._cells)

    @property
    def cells(self):
        """The `Cells` of all that was counted; there must be some."""
        return self._cells.total()

    def evaluation(self, **asked):
        """The `Evaluation` of what was counted; `asked` are its metrics and min_examples.

        Raises:
            FairkitError: if nothing was counted, or a value that was asked for never occurred.
        """
        if not self:
            raise FairkitError("there are no examples to evaluate on", "at least one example", 0)
        check_values(self.specs, self.cells.atoms.values_of)
        return Evaluation(self.cells, FoundAreas.of_cells(self.cells), self.specs, self.thresholds, self.weighted,
                          bins=self.bins, **asked)

    def to_bytes(self):
        """What was counted, without what was asked for."""
        return cells_to_bytes(self.cells if self else None, weighted=self.weighted)

    def add_bytes(self, data):
        """Adds what another's `to_bytes` gave."""
        cells, more = cells_from_bytes(data)
        if cells is not None:
            self._add(cells, more["weighted"], "a part")

    def _add(self, cells, weighted, what):
        if self.weighted not in (None, weighted):
            raise FairkitError("some chunks have weights and some have none", "weights in every chunk, or in none",
                               f"{what} {'with' if weighted else 'without'} weights")
        if self and cells.classes != self._cells.classes:
            raise FairkitError(f"{what} judges other classes", self._cells.classes, cells.classes)
        self.weighted = weighted
        self._cells.add(cells)


def sliced_features(slices):
    """The names of the features of slices, each once, sorted.

    Example:
        >>> sliced_features(["color", ("digit", "color")])
        ['color', 'digit']
    """
    specs, _ = checked_slices(slices, _EveryName())
    return sorted({name for spec in specs for name, _ in spec})


class _EveryName:
    """Holds every name: for slices whose features are looked for later."""

    def __contains__(self, name):
        return True
