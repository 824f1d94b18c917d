"""Cells on Apache Beam, for predictions that outgrow a machine."""

from fairkit.lazy import lazy_names
from fairkit.quiet import silence

_get, __dir__, __all__ = lazy_names(__name__, {
    "CountCells": "fairkit.evaluation.beam.counting",
    "KerasScores": "fairkit.evaluation.beam.inference",
    "ReadPredictions": "fairkit.evaluation.beam.sources",
    "evaluate_on_beam": "fairkit.evaluation.beam.evaluating",
})


def __getattr__(name):
    if name in __all__:
        with silence():   # without Google Cloud's clients Beam says what it does not load
            import apache_beam  # noqa: F401
    return _get(name)
