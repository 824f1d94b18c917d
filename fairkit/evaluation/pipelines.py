"""Beam pipelines: their options, runner, chatter, and their errors in one line."""

import contextlib
import io
import logging
import warnings

from fairkit.errors import FairkitError, nearest, quote
from fairkit.quiet import silence

__all__ = ["in_one_line", "is_in_this_process", "new_pipeline", "pipeline_options", "quiet_run"]

_IN_PROCESS = {None, "DirectRunner", "SwitchingDirectRunner", "FnApiRunner"}
_OWN = "FairkitError: "


def pipeline_options(options):
    """Beam's `PipelineOptions` from a list of texts such as "--direct_num_workers=2", one such text, or None.

    Raises:
        FairkitError: for an option or a value that Beam does not know. Where another runner than Beam's own in this
            process is named, options that only this runner knows are left to it.
    """
    with quiet_run():
        from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

    if isinstance(options, PipelineOptions):
        return options
    flags = [] if options is None else [options] if isinstance(options, str) else list(options)
    for flag in flags:
        if not isinstance(flag, str) or not flag.startswith("-"):
            raise FairkitError("this is no Beam pipeline option", "a text such as '--direct_num_workers=2'",
                               quote(flag))
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), quiet_run():
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


def is_in_this_process(options):
    """Whether a pipeline with these `PipelineOptions` runs in this very process."""
    from apache_beam.options.pipeline_options import DirectOptions, StandardOptions

    return options.view_as(StandardOptions).runner in _IN_PROCESS \
        and options.view_as(DirectOptions).direct_running_mode != "multi_processing"


def new_pipeline(options):
    """A `beam.Pipeline` with the given `PipelineOptions`."""
    import apache_beam as beam
    from apache_beam.options.pipeline_options import StandardOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    # The runner by name: Beam's default would look for a Prism binary to download.
    if options.view_as(StandardOptions).runner in _IN_PROCESS:
        return beam.Pipeline(runner=FnApiRunner(), options=options)
    return beam.Pipeline(options=options)


def in_one_line(error):
    """What was wrong, without the traceback of Beam's workers, which ends with it; fairkit's own messages alone."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("File ", "Traceback", "^"))]
    own = [line.partition(_OWN)[2] for line in said if _OWN in line]
    text = (own or said)[-1] if own or len(lines) > 3 else " ".join(lines)
    text = text.partition(" [while running")[0]
    return text if own or isinstance(error, FairkitError) else f"{type(error).__name__}: {text}".removesuffix(": ")


@contextlib.contextmanager
def quiet_run():
    """Keeps the log messages and warnings of TFMA, Beam and TensorFlow off the terminal; errors are raised as ever."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with silence(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
