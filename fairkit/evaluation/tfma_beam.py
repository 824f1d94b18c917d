"""TFMA run on Apache Beam: the options of the pipeline, the run, and its errors in one line."""

import contextlib
import io
import logging
import re
import warnings

from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.tfma_repair import merged_once, require_sound

__all__ = ["pipeline_options", "require_indicators", "run"]

_INSTALL = 'pip install --no-deps "fairness-indicators>=0.52,<0.53"'
_LONGEST = 400  # characters of an error's text
_IN_PROCESS = {None, "DirectRunner", "SwitchingDirectRunner", "FnApiRunner"}


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
    if not _is_in_this_process(options):
        require_sound(config)
    stopped = None
    with _quiet_run(), merged_once():
        try:
            scored = {} if model is None else _scoring(tfma, config, model)
            with _pipeline(options) as pipeline:
                _ = (pipeline | "Read" >> source
                     | "Evaluate" >> tfma.ExtractEvaluateAndWriteResults(
                         eval_config=config, output_path=str(folder), **scored))
        except Exception as error:  # raised below, where nothing of the run's chatter comes with it
            stopped = error
    if stopped is not None:
        raise FairkitError("TFMA cannot evaluate this", "data, a model and a config that fit each other",
                           _in_one_line(stopped)) from stopped


def pipeline_options(options):
    """Beam's `PipelineOptions` from a list of texts such as "--direct_num_workers=2", one such text, or None.

    Raises:
        FairkitError: for an option or a value that Beam does not know. Where another runner than Beam's own in this
            process is named, options that only this runner knows are left to it.
    """
    from fairkit.quiet import silence, tfma  # noqa: F401 - TFMA's import makes Beam's quiet

    with silence():
        from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

    if isinstance(options, PipelineOptions):
        return options
    flags = [] if options is None else [options] if isinstance(options, str) else list(options)
    for flag in flags:
        if not isinstance(flag, str) or not flag.startswith("-"):
            raise FairkitError("this is no Beam pipeline option", "a text such as '--direct_num_workers=2'", repr(flag))
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), _quiet_run():
            made = PipelineOptions(flags)
            known = made.get_all_options()
            unknown = sorted({*made.get_all_options(retain_unknown_options=True)} - {*known})
    except SystemExit:
        lines = said.getvalue().strip().splitlines() or [""]
        raise FairkitError("Beam does not take these pipeline options", "values of the options' types",
                           f"{' '.join(flags)!r} ({lines[-1].partition('error: ')[2]})") from None
    if unknown and made.view_as(StandardOptions).runner in _IN_PROCESS:
        raise FairkitError(f"Beam has no pipeline option --{unknown[0]}", nearest(unknown[0], sorted(known)),
                           repr(" ".join(flags)))
    return made


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


def _is_in_this_process(options):
    from apache_beam.options.pipeline_options import DirectOptions, StandardOptions

    return options.view_as(StandardOptions).runner in _IN_PROCESS \
        and options.view_as(DirectOptions).direct_running_mode != "multi_processing"


def _pipeline(options):
    import apache_beam as beam
    from apache_beam.options.pipeline_options import StandardOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    # The runner by name: Beam's default would look for a Prism binary to download.
    if options.view_as(StandardOptions).runner in _IN_PROCESS:
        return beam.Pipeline(runner=FnApiRunner(), options=options)
    return beam.Pipeline(options=options)


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
    return {name: part.astype("float64") if name in ("predictions", "example_weights") and hasattr(part, "astype")
            else part for name, part in extracts.items()}


def _in_one_line(error):
    """What went wrong first: other processes send their tracebacks as text, in which that stands first."""
    told = re.search(r"^[\w.]*(?:Error|Exception)\b.*", str(error), re.MULTILINE)
    while told is None and (error.__cause__ or error.__context__):
        error = error.__cause__ or error.__context__
    text = told.group() if told else f"{type(error).__name__}: {' '.join(str(error).split())}"
    return text.partition(" [while running")[0][:_LONGEST]


@contextlib.contextmanager
def _quiet_run():
    """Keeps the log messages and warnings of TFMA, Beam and TensorFlow off the terminal; errors are raised as ever."""
    from fairkit.quiet import silence

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with silence(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
