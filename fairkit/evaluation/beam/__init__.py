"""Cells on Apache Beam, for predictions that outgrow a machine."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "CountCells": "fairkit.evaluation.beam.counting",
    "KerasScores": "fairkit.evaluation.beam.inference",
    "ReadPredictions": "fairkit.evaluation.beam.sources",
    "evaluate_on_beam": "fairkit.evaluation.beam.evaluating",
})
