"""The validation of an evaluation that was counted by a TFMA config."""

from fairkit.evaluation.cross_slices import cross_values
from fairkit.evaluation.tfma.metrics import INDICATORS
from fairkit.evaluation.tfma.request import read_config
from fairkit.evaluation.tfma.running import require_indicators
from fairkit.evaluation.tfma.sliced import config_with_defaults, counted_metrics
from fairkit.evaluation.tfma.validation import validated, validation_result

__all__ = ["metrics_of", "validation_of"]


def validation_of(evaluation):
    """The `Validation` of an `Evaluation`; None where no config sets thresholds on its values."""
    if evaluation.config is None or not read_config(evaluation.config).validates:
        return None
    sliced, config = metrics_of(evaluation)
    return validated(sliced, config, validation_result(sliced, config))


def metrics_of(evaluation):
    """(what `counted_metrics` gives of an `Evaluation`, the completed `EvalConfig`)."""
    config = config_with_defaults(read_config(evaluation.config).config)
    if any(metric.class_name == INDICATORS for spec in config.metrics_specs for metric in spec.metrics):
        require_indicators()
    crossed = {pair: {place: numbers[:3] for place, numbers in found.items()}
               for pair, found in cross_values(evaluation).items()}
    return counted_metrics(evaluation, config, crossed), config
