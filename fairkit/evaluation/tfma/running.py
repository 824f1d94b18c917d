"""TFMA run on Apache Beam, with its errors in one line."""

import re

from fairkit.errors import FairkitError
from fairkit.evaluation.pipelines import is_in_this_process, new_pipeline, pipeline_options, quiet_run
from fairkit.evaluation.tfma.repair import merged_once, require_sound

__all__ = ["require_indicators", "run"]

_INSTALL = 'pip install --no-deps "fairness-indicators>=0.52,<0.53"'
_LONGEST = 400  # characters of an error's text


def run(source, config, folder, options=None, model=None):
    """Runs TFMA's pipeline and leaves its files in a folder.

    Args:
        source: a Beam transform that gives Arrow record batches.
        config: an `EvalConfig`.
        folder: where TFMA writes.
        options: Beam pipeline options, as `pipeline_options` takes them.
        model: a SavedModel folder that scores the examples; None where the batches hold the scores.

    Raises:
        FairkitError: for options that are none, or whatever stops the run, in one line; the cause is chained.
    """
    from fairkit.quiet import tfma

    options = pipeline_options(options)
    if not is_in_this_process(options):
        require_sound(config)
    stopped = None
    with quiet_run(), merged_once():
        try:
            scored = {} if model is None else _scoring(tfma, config, model)
            with new_pipeline(options) as pipeline:
                _ = (pipeline | "Read" >> source
                     | "Evaluate" >> tfma.ExtractEvaluateAndWriteResults(
                         eval_config=config, output_path=str(folder), **scored))
        except Exception as error:  # raised below, where nothing of the run's chatter comes with it
            stopped = error
    if stopped is not None:
        raise FairkitError("TFMA cannot evaluate this", "data, a model and a config that fit each other",
                           _in_one_line(stopped)) from stopped


def require_indicators():
    """Registers TFMA's FairnessIndicators.

    Raises:
        FairkitError: if fairness-indicators is not installed.
    """
    from fairkit.quiet import silence, tfma  # noqa: F401 - it imports TFMA

    try:
        with silence():
            from fairness_indicators import fairness_indicators_metrics  # noqa: F401
    except ImportError as error:
        raise FairkitError("engine='tfma' needs the package fairness-indicators", _INSTALL, str(error)) from error


def _scoring(tfma, config, model):
    """The model, and TFMA's extractors with its scores and weights as float64: so they meet the thresholds."""
    import apache_beam as beam
    from tensorflow_model_analysis.extractors import extractor

    shared = tfma.default_eval_shared_model(eval_saved_model_path=str(model), eval_config=config)
    extractors = tfma.default_extractors(eval_shared_model=shared, eval_config=config)
    at = 1 + next(i for i, one in enumerate(extractors) if one.stage_name == "ExtractPredictions")
    extractors.insert(at, extractor.Extractor("ExtractFloat64", beam.Map(_in_float64)))
    return {"eval_shared_model": shared, "extractors": extractors}


def _in_float64(extracts):
    def changed(part):
        if isinstance(part, dict):   # of several outputs
            return {name: changed(one) for name, one in part.items()}
        return part.astype("float64") if hasattr(part, "astype") else part

    return {name: changed(part) if name in ("predictions", "example_weights") else part
            for name, part in extracts.items()}


def _in_one_line(error):
    """What went wrong first: other processes send their tracebacks as text, in which that stands first."""
    told = re.search(r"^[\w.]*(?:Error|Exception)\b.*", str(error), re.MULTILINE)
    while told is None and (error.__cause__ or error.__context__):
        error = error.__cause__ or error.__context__
    text = told.group() if told else f"{type(error).__name__}: {' '.join(str(error).split())}"
    return text.partition(" [while running")[0][:_LONGEST]
