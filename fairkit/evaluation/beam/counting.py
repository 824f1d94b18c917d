"""CountCells: predictions to cells, as a transform of Apache Beam."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import apache_beam as beam
from apache_beam.coders import Coder, registry
from apache_beam.transforms.window import GlobalWindows

from fairkit.counts.cells import Cells
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.cells_file import cells_from_bytes, cells_to_bytes
from fairkit.evaluation.chunk_counts import ChunkCounts, sliced_features
from fairkit.evaluation.predictions_file import predictions_in, predictions_table
from fairkit.evaluation.reading.arrow import predictions_of
from fairkit.evaluation.reading.columns import checked_columns
from fairkit.groups import GroupColumn
from fairkit.predictions import Predictions

__all__ = ["CountCells", "SumChunks"]

_ROWS = 1 << 15


class CountCells(beam.PTransform):
    """Predictions, in whatever pieces, to one `Cells`.

    The elements are `fairkit.Predictions`, Arrow tables or record batches, or dicts of one example each. The sums do
    not depend on how the examples are spread over elements, bundles and workers: without weights exactly, with weights
    to rounding.

    Args:
        slices, thresholds, classes: as in `fairkit.evaluate`; quantiles cannot be had here, `fairkit.bins` can.
        label, scores, weight, separator: of tables and dicts, as in `fairkit.evaluation.read_predictions`. The group
            columns are those that are sliced by.

    Returns:
        A PCollection of one `Cells`; of none where there is no example.

    Raises:
        FairkitError: for slices or thresholds that are none; while it runs, for elements that lack a column or hold
            what is no label, score or weight.

    Example:
        >>> import apache_beam as beam
        >>> from apache_beam.runners.portability.fn_api_runner import FnApiRunner
        >>> from fairkit.evaluation.beam import CountCells
        >>> rows = [{"label": 0, "scores": 0.2, "color": "blue"}, {"label": 1, "scores": 0.9, "color": "orange"}]
        >>> def show(cells):
        ...     print(cells.atoms.cells, cells.moments[:, 0])
        >>> with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        ...     _ = pipeline | beam.Create(rows) | CountCells(["color"], thresholds=[0.5]) | beam.Map(show)
        ((('blue',),), (('orange',),)) [1. 1.]
    """

    def __init__(self, slices: Sequence = (), thresholds: Sequence[float] | None = None,
                 classes: Sequence[int] | None = None, *, label: str = "label", scores: str = "scores",
                 weight: str | None = None, separator: str | None = None):
        super().__init__()
        columns = checked_columns(label, scores, sliced_features(slices), weight, None, separator)
        self._counting = SumChunks(slices, thresholds, classes, columns)

    def expand(self, elements):
        return elements | self._counting | "Cells" >> beam.Map(_cells).with_output_types(Cells)


class SumChunks(beam.PTransform):
    """The same, to the bytes of one `ChunkCounts`, which say whether there were weights."""

    def __init__(self, slices, thresholds, classes, columns):
        super().__init__()
        self._asked, self._columns = _plain(slices, thresholds, classes), columns

    def expand(self, elements):
        made = beam.ParDo(_AsPredictions(self._columns)).with_output_types(Predictions)
        return elements | "Predictions" >> made | "Sum" >> beam.CombineGlobally(self.combine_fn()).without_defaults()

    def combine_fn(self):
        """The sum, whose accumulators are `ChunkCounts`."""
        return _Sum(self._asked)


class _AsPredictions(beam.DoFn):
    """Elements of any kind as `Predictions`; dicts are gathered first."""

    def __init__(self, columns):
        self._columns = columns

    def start_bundle(self):
        self._rows = []

    def process(self, element):
        if isinstance(element, Predictions):
            yield element
        elif hasattr(element, "schema"):
            yield predictions_of(element, self._columns)
        elif isinstance(element, Mapping):
            self._rows.append(element)
            if len(self._rows) == _ROWS:
                yield self._gathered()
        else:
            raise FairkitError("these elements cannot be counted", "Predictions, Arrow tables, or dicts of an example",
                               type(element).__name__)

    def finish_bundle(self):
        if self._rows:
            yield GlobalWindows.windowed_value(self._gathered())

    def _gathered(self):
        import pyarrow as pa

        columns, rows, self._rows = self._columns, self._rows, []
        try:
            table = pa.table({name: [row[name] for row in rows] for name in columns.single})
            groups = {name: GroupColumn.encode(name, [row[name] for row in rows]) for name in columns.groups}
        except KeyError as error:
            name = error.args[0]
            lacking = next(row for row in rows if name not in row)
            raise FairkitError(f"an example has no {quote(name)}", nearest(name, lacking), quote(name)) from None
        except MemoryError:   # which Arrow takes for an error of its own
            raise
        except pa.ArrowException as error:
            raise FairkitError("the examples' labels, scores or weights are no numbers", "numbers",
                               str(error)) from None
        return predictions_of(table, replace(columns, groups=())).with_groups(groups)


class _Sum(beam.CombineFn):
    def __init__(self, asked):
        self._asked = asked

    def create_accumulator(self):
        return ChunkCounts(*self._asked)

    def add_input(self, counts, predictions):
        counts.add(predictions)
        return counts

    def merge_accumulators(self, several):
        total = self.create_accumulator()
        for counts in several:
            total.update(counts)
        return total

    def extract_output(self, counts):
        return counts.to_bytes()

    def get_accumulator_coder(self):
        return _CountsCoder(self._asked)


class _CountsCoder(Coder):
    """`ChunkCounts` as bytes, between workers."""

    def __init__(self, asked):
        self._asked = asked

    def encode(self, counts):
        return counts.to_bytes()

    def decode(self, data):
        counts = ChunkCounts(*self._asked)
        counts.add_bytes(data)
        return counts

    def is_deterministic(self):
        return False


class CellsCoder(Coder):
    """`Cells` as bytes."""

    def encode(self, cells):
        return cells_to_bytes(cells)

    def decode(self, data):
        return cells_from_bytes(data)[0]

    def is_deterministic(self):
        return False

    def to_type_hint(self):
        return Cells


class PredictionsCoder(Coder):
    """`Predictions` as an Arrow stream of the table that a predictions.parquet holds."""

    def encode(self, predictions):
        import pyarrow as pa

        table, sink = predictions_table(predictions), pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return sink.getvalue().to_pybytes()

    def decode(self, data):
        import pyarrow as pa

        return predictions_in(pa.ipc.open_stream(data).read_all())

    def is_deterministic(self):
        return False

    def to_type_hint(self):
        return Predictions


registry.register_coder(Cells, CellsCoder)
registry.register_coder(Predictions, PredictionsCoder)


def _cells(data):
    return cells_from_bytes(data)[0]


def _plain(slices, thresholds, classes):
    """What was asked for in Python's own types, checked, so that it can be sent to workers."""
    counts = ChunkCounts(slices, thresholds, classes)
    wanted = [{name: counts.bins.get(name, values if values is None else list(values)) for name, values in spec}
              for spec in counts.specs]
    return wanted, counts.thresholds, None if classes is None else [int(class_id) for class_id in classes]
