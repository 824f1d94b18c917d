"""`fairkit.data.read`: examples from anything that holds rows."""

from collections.abc import Sequence
from pathlib import Path

from fairkit.arguments import is_whole
from fairkit.column_names import column_text, is_name, names_in
from fairkit.data.reading.bad_rows import BadRows
from fairkit.data.reading.gathering import gathered
from fairkit.data.reading.group_cells import checked_separator, group_of
from fairkit.data.reading.ids import ids_of
from fairkit.data.reading.inputs import input_of, typed
from fairkit.data.reading.labels import labels_of
from fairkit.data.reading.number_columns import weights_of
from fairkit.data.reading.sources import open_source
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.group_values import name_of

__all__ = ["read"]


def read(source, inputs: str | Sequence[str] | None = None, *, label: str, positive=None, negative=None,
         classes: Sequence | int | None = None, groups: str | Sequence[str] = (), separator: str | None = None,
         no_group: str | Sequence = (), weight: str | None = None, id: str | None = None,
         images: bool | tuple[int, ...] = False, bad_rows: str = "raise", missing_inputs: str = "raise", schema=None,
         delimiter: str | None = None, encoding: str = "utf-8", split: str | None = None,
         data_dir: str | Path | None = None) -> Examples:
    """Examples from a file, a data set by its name, a frame, or a tf.data.Dataset.

    Args:
        source: one of
            - the path of a CSV, JSON Lines, Parquet, Arrow (Feather) or TFRecord file, plain or compressed (gzip,
              bzip2, xz, Zstandard, a zip of one file; TFRecords gzip), a folder of such files, or a pattern such as
              "part-*.csv"; the kind is told by the content and, for texts, by the ending;
            - the name of a data set of TensorFlow Datasets, with `split` and `data_dir`;
            - a pandas or polars frame, an Arrow table, or anything else with Arrow's C stream;
            - a `tf.data.Dataset` of dicts, or of (inputs, labels) or (inputs, labels, weights), whose parts are then
              called "inputs", "label" and "weight".
        inputs: the column that the model is fed; or a list of columns, which become a dict of arrays for a model with
            named inputs; None where only scores are judged. In CSV a single column is one of texts, and of a list each
            is whole numbers, numbers or texts, whichever its cells are.
        label: the column of labels.
        positive: what makes a label 1: a value or a list of values, or a threshold such as ">=0.5" or ">0". All other
            labels are 0. Without `positive`, `negative` and `classes` the column must hold 0 and 1, or true and false.
        negative: the other way round: the value or values that make a label 0; all others make it 1.
        classes: of a task with several classes, the list of their names in the order of their ids; or their number,
            where the column holds the ids 0 to k - 1.
        groups: the column, or a list of columns, that say which groups an example belongs to: one value a cell, a list
            of several, or nothing. In CSV the values are texts, and an empty cell is nothing.
        separator: what stands between the values of a text that names several, such as "|" or ",", spaces around a
            value not counting; or "list" for texts that are written lists, such as "['christian', 'muslim']".
        no_group: the value or values that mean that an example belongs to no group, such as "none".
        weight: the column of weights.
        id: the column of ids, which must be distinct.
        images: True if the inputs are images: a column of paths, relative ones from the file's folder, or of encoded
            images (PNG, JPEG, BMP, GIF, WebP). They are loaded when they are needed. (height, width) resizes them,
            (height, width, channels) makes them grey (1), RGB (3) or RGBA (4) as well.
        bad_rows: "raise" stops at what cannot be read and says where; "set aside" leaves such rows out: they are
            counted and described in `examples.set_aside`.
        missing_inputs: "raise" takes a row with a missing input for a bad one; "keep" makes a missing number NaN and a
            missing text an empty one, for models that take them, as `fairkit.models.tabular_classifier` does.
        schema: of TFRecords, a dict of feature -> `tf.io.FixedLenFeature` and the like, or dtype, where the first
            records do not tell; of CSV a dict of input column -> int, float or str. Without it a list of inputs is
            read by what its cells are, and a single input of CSV is a text.
        delimiter: of CSV; by default a tab in .tsv files and a comma in others.
        encoding: of CSV.
        split: of a data set of TensorFlow Datasets, such as "train" or "test[:10%]".
        data_dir: where data sets of TensorFlow Datasets are kept.

    Returns:
        `Examples`, in the order of the source, with labels int64 (n,). Text inputs are `fairkit.texts.Texts`, which
        take a third of the memory of an array of texts, and become one by `numpy.asarray`.

    Raises:
        FairkitError: for a source that is not there or of no such kind, a column that is not there, labels that do not
            say what is positive, or a bad row. Messages name the row (in CSV the header is row 1; the first line of
            JSON Lines is row 1; all others count from 0) and the column. Before memory is taken for it, what is larger
            than the memory that is free is refused.

    Example:
        >>> import fairkit, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.csv"
        >>> _ = path.write_text("text,verdict,faith\\nhello,fine,\\nget lost,rude,hindu|jewish\\n")
        >>> examples = fairkit.data.read(path, "text", label="verdict", positive="rude", groups="faith", separator="|")
        >>> examples.labels, examples.groups["faith"].to_list()
        (array([0, 1]), [None, ('hindu', 'jewish')])
    """
    several = isinstance(inputs, (list, tuple))
    fed, group_names = _names("inputs", inputs), _names("groups", groups)
    label, weight, id = (_name(what, name) for what, name in (("label", label), ("weight", weight), ("id", id)))
    single = [name for name in (label, weight, id) if name is not None]
    separator, bad = checked_separator(separator), BadRows(bad_rows)
    no_group = list(no_group) if isinstance(no_group, (list, tuple, set, frozenset)) else [no_group]
    _check_images(images)
    if missing_inputs not in ("raise", "keep"):
        raise FairkitError("no such way with missing inputs", nearest(missing_inputs, ["raise", "keep"]),
                           quote(missing_inputs))
    opened = open_source(source, label=label, split=split, data_dir=data_dir, delimiter=delimiter, encoding=encoding,
                         schema=schema)
    _check_schema(schema, opened, fed)
    columns = opened.checked([*fed, *single, *group_names])
    table, places, n = gathered(opened, columns, encoded={label, *group_names} - {*fed, weight, id},
                                bytes_kept=set(fed) if images else set(), bad_rows=bad)
    if not n:
        raise FairkitError(f"{opened.what} has no rows", "at least one row",
                           f"none that can be read: {bad.set_aside}" if len(bad.set_aside) else "none")
    about, used = (places, bad), set()
    made = {
        "labels": labels_of(label, table[label], *about, positive, negative, classes),
        "groups": {name: group_of(name, table[name], *about, separator, no_group, used, opened.untyped)
                   for name in group_names},
        "weights": None if weight is None else weights_of(weight, table[weight], *about),
    }
    _refuse_unused(no_group, used, made["groups"])
    ids = None if id is None else ids_of(id, table[id], *about)
    parts = {name: _fed(opened, name, table[name], about, images, several, schema, missing_inputs) for name in fed}
    examples = Examples(inputs=parts if several else next(iter(parts.values()), None),
                        missing_inputs="keep", **made)   # missing ones are kept, or marked as bad
    examples.given_ids = ids   # distinct, or marked as bad
    if bad.marked is not None:
        examples = examples.take(~bad.marked)
        examples.given_ids = examples.given_ids if id is not None else None
        if not len(examples):
            raise FairkitError(f"{opened.what} has no good rows", "at least one", str(bad.sorted()))
    examples.set_aside = bad.sorted()
    return examples


def _names(what, given):
    """The column names of one argument, as a list."""
    names = [] if given is None else names_in(given)
    if not all(map(is_name, names)):
        raise FairkitError(f"{what} names no column", "the name of a column, or a list of names", quote(given))
    return list(map(column_text, names))


def _name(what, given):
    """The name of one column, which may be a tuple in a frame; None for none."""
    if given is not None and not is_name(given):
        raise FairkitError(f"{what} names no column", "the name of a column", quote(given))
    return None if given is None else column_text(given)


def _check_images(images):
    sizes = isinstance(images, (list, tuple)) and len(images) in (2, 3) and all(
        is_whole(size) and size > 0 for size in images)
    if not (sizes or images is True or images is False or images is None):
        raise FairkitError("images says neither that there are any nor their size",
                           "True, (height, width) or (height, width, channels)", quote(images))


def _refuse_unused(no_group, used, groups):
    """A value that means no group and never occurs is most likely written otherwise in the file."""
    for value in no_group:
        if name_of(value) not in used:
            known = sorted({str(v) for column in groups.values() for v in column.values})
            raise FairkitError(f"no cell of a group column is {quote(value)}", nearest(value, known), quote(value))


def _check_schema(schema, source, fed):
    """Refuses a schema that says nothing about what is read; that of TFRecords is checked where they are opened."""
    if schema is None or hasattr(source, "features"):
        return
    if not source.untyped:
        raise FairkitError("schema is for CSV files and TFRecords, and the columns here have types of their own",
                           "no schema", quote(schema))
    if not isinstance(schema, dict) or not all(kind in (int, float, str) for kind in schema.values()):
        raise FairkitError("the schema of a CSV file does not give types", "a dict of input column -> int, float or "
                           "str", quote(schema))
    for name in schema:
        if column_text(name) not in fed:
            raise FairkitError(f"schema names {quote(name)}, which is not an input", nearest(name, fed) if fed else
                               "inputs=", quote(name))


def _fed(source, name, column, about, images, several, schema, missing):
    if images:
        from fairkit.data.images import image_inputs

        size, channels = (None, None) if images is True else (tuple(images[:2]), (*images, None)[2])
        return image_inputs(column, source.folder, size, channels, *about, name)
    if source.untyped and (several or schema):
        return typed(name, column, *about, (schema or {}).get(name), missing)
    return input_of(name, column, *about, empty_is_text=source.untyped, missing=missing)
