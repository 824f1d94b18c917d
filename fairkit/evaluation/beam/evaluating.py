"""evaluate_on_beam: an evaluation of predictions, or of a model, by a pipeline on any of Beam's runners."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.ml.inference.base import RunInference

from fairkit.errors import FairkitError, quote
from fairkit.evaluation.beam import storing
from fairkit.evaluation.beam.counting import SumChunks
from fairkit.evaluation.beam.inference import KerasScores
from fairkit.evaluation.beam.sources import ReadPredictions, ReadTables
from fairkit.evaluation.chunk_counts import ChunkCounts, sliced_features
from fairkit.evaluation.evaluation import Evaluation
from fairkit.evaluation.pipelines import in_one_line, new_pipeline, pipeline_options, quiet_run
from fairkit.evaluation.reading.columns import checked_columns
from fairkit.evaluation.specs import checked_metrics
from fairkit.folders import check_output

__all__ = ["evaluate_on_beam"]


def evaluate_on_beam(source, slices: Sequence = (), thresholds: Sequence[float] | None = None,
                     classes: Sequence[int] | None = None, *, label: str = "label", scores: str = "scores",
                     weight: str | None = None, separator: str | None = None, model: str | Path | None = None,
                     inputs: str | Sequence[str] = (), from_logits: bool = False, batch_size: int = 256,
                     output: str | Path | None = None, options=None, metrics: Sequence[str] | None = None,
                     min_examples: int = 30, model_output: str | int | None = None,
                     missing_inputs: str = "raise") -> Evaluation:
    """Evaluates predictions that lie in files with a pipeline of Apache Beam, or lets a model make them first.

    The cells are those of `fairkit.evaluate` on the same examples: without weights equal, with weights to rounding. AUC
    comes from score buckets and states its bound.

    Args:
        source: a path, folder or pattern of Parquet or TFRecord files on any of Beam's filesystems, or a Beam transform
            that gives what `CountCells` takes.
        slices, thresholds, classes, metrics, min_examples: as in `fairkit.evaluate`.
        label, scores, weight, separator: as in `fairkit.evaluation.read_predictions`; only the group columns that are
            sliced by are read.
        model: a .keras file or a SavedModel folder that scores the examples, where the workers reach it; None where the
            files hold the scores.
        inputs: with a model, the columns that it is fed.
        from_logits, batch_size: with a model, as in `fairkit.predict`.
        output: a folder on any of Beam's filesystems where the evaluation is left for `fairkit.load_evaluation`; None
            leaves none. Workers on other machines need it, or the pipeline option --temp_location: that is where the
            counts travel through.
        options: Beam pipeline options: a list such as ["--runner=FlinkRunner", "--flink_master=..."], or a
            `PipelineOptions`; None runs in this process.
        model_output: with a model that has several outputs, the one that is meant, as `output` of `fairkit.predict`.
        missing_inputs: with a model, what becomes of inputs with cells that hold nothing: "raise" or "keep", as in
            `fairkit.Examples`.

    Returns:
        `Evaluation`.

    Raises:
        FairkitError: as `fairkit.evaluate`, for options that Beam does not know, and for whatever stops the pipeline,
            in one line.

    Example:
        >>> import fairkit, pandas as pd, pathlib, tempfile
        >>> from fairkit.evaluation.beam import evaluate_on_beam
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for part in range(2):
        ...     scored = pd.DataFrame({"label": [0, 1, 0], "scores": [.1, .7, .6], "gender": ["female", "male", None]})
        ...     scored.to_parquet(folder / f"{part}.parquet")
        >>> evaluate_on_beam(folder, slices=["gender"], thresholds=[.5]).value("accuracy")
        0.6666666666666666
    """
    counts, metrics = ChunkCounts(slices, thresholds, classes), checked_metrics(metrics)
    options = pipeline_options(options)
    columns = checked_columns(label, None if model is not None else scores, sliced_features(slices), weight, None,
                              separator, inputs)
    if output is not None and "://" not in str(output):
        check_output(output)   # before the pipeline runs
    with storing.handover(options, output) as folder:
        target = f"{folder}/cells-{uuid.uuid4().hex}"
        try:
            _run(_predictions(source, columns, model, from_logits, batch_size, model_output, missing_inputs),
                 SumChunks(slices, thresholds, classes, columns), target, options)
            counted = storing.taken(target)
        finally:
            storing.removed(target)
    if counted is None:
        raise FairkitError("there are no examples to evaluate on, or the workers left the counts on their own disk",
                           "at least one example; an output or --temp_location that the workers and this machine reach",
                           quote(target.rpartition("/")[0]))
    counts.add_bytes(counted)
    evaluation = counts.evaluation(metrics=metrics, min_examples=min_examples)
    if output is not None:
        storing.save(evaluation, output)
    return evaluation


def _predictions(source, columns, model, from_logits, batch_size, model_output, missing_inputs):
    """A transform that gives what is counted."""
    names = {name: getattr(columns, name) for name in ("label", "groups", "weight", "separator")}
    made = isinstance(source, beam.PTransform)
    if model is None and model_output is not None:
        raise FairkitError("model_output names an output of a model, and there is none", "model=", quote(model_output))
    if model is None and from_logits:
        raise FairkitError("from_logits is for what a model gives, and predictions hold probabilities",
                           "model= and inputs=, or probabilities in the files", "from_logits=True")
    if model is None:
        return source if made else ReadPredictions(source, scores=columns.scores, **names)
    handler = KerasScores(model, columns.inputs, from_logits=from_logits, batch_size=batch_size,
                          model_output=model_output, missing_inputs=missing_inputs, **names)
    return _Scored(source if made else ReadTables(source, columns), handler)


class _Scored(beam.PTransform):
    """Tables of examples, and what a model says of them."""

    def __init__(self, tables, handler):
        super().__init__()
        self._tables, self._handler = tables, handler

    def expand(self, begin):
        return begin | "Examples" >> self._tables | "Predict" >> RunInference(self._handler)


def _run(source, counting, target, options):
    stopped = None
    with quiet_run():
        try:
            with new_pipeline(options) as pipeline:
                _ = (pipeline | "Source" >> source | "Count" >> counting
                     | "Write" >> beam.Map(storing.write, target=target))
        except Exception as error:  # raised below, where nothing of the run's chatter comes with it
            stopped = error
    if stopped is not None:
        raise FairkitError(in_one_line(stopped)) from (None if isinstance(stopped, FairkitError) else stopped)
