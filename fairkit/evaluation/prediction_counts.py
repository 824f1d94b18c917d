"""From predictions to cells."""

from fairkit.counts.atoms import atoms_of
from fairkit.counts.counting import count
from fairkit.evaluation.table import BINARY_ACCURACY_THRESHOLD

__all__ = ["count_predictions"]


def count_predictions(predictions, specs, thresholds, classes, fine=False):
    """(`Cells`, the atom of each example) of one chunk of predictions or of all of them.

    Args:
        predictions: `Predictions`; numeric features that are sliced are cut already.
        specs, thresholds, classes: as `checked_slices`, `checked_thresholds` and `checked_classes` give them.
        fine: whether to count fine score buckets, for AUC without the rows.
    """
    features = {name for spec in specs for name, _ in spec}
    atoms, codes = atoms_of({name: predictions.groups[name] for name in features}, len(predictions))
    at = sorted({*thresholds, BINARY_ACCURACY_THRESHOLD})
    return count(atoms, codes, predictions.labels, predictions.scores, predictions.weights, at, classes, fine), codes
