"""Examples into a file of any format."""

import contextlib
from pathlib import Path

from fairkit.data.writing.columnar_files import write_arrow, write_parquet
from fairkit.data.writing.columns import columns_of
from fairkit.data.writing.csv_file import csv_cells, images_folder, write_csv
from fairkit.data.writing.json_lines import write_json_lines
from fairkit.data.writing.kinds import compressed, kind_of
from fairkit.data.writing.tfrecord_file import write_tfrecord
from fairkit.errors import FairkitError, one_line
from fairkit.examples import Examples
from fairkit.storage import as_path, new_file, replaced_folder

__all__ = ["write"]


def write(examples: Examples, path: str | Path, *, inputs="input", label: str = "label", weight: str = "weight",
          id: str = "id", separator: str | None = "|", kind: str | None = None, overwrite: bool = False) -> Path:
    """Writes examples to a file that `fairkit.data.read` reads back as they are.

    The ending names the format: .csv, .jsonl, .parquet, .arrow (or .feather) or .tfrecord; a further .gz, .bz2, .xz or
    .zst compresses CSV and JSON Lines, .gz TFRecords. The columns are the inputs, the label, one for each group column,
    the weight and the id, as far as there are any. Rows are written some at a time: lazy inputs are never read whole.

    - Texts and numbers: in every format. A tf.Example holds 32-bit floats only: a float with more digits is refused.
    - Vectors and other arrays: in all but CSV; in TFRecords only vectors.
    - uint8 images (height, width) or (height, width, 1, 3 or 4): in TFRecords as PNG, beside a CSV file as PNG files in
      the folder NAME_images; elsewhere as arrays, or as PNG if they come from files (`read(..., images=True)`).
    - Group cells: in CSV as texts with the separator between; elsewhere lists if any cell of the column holds several
      values, with their types except in TFRecords. An empty cell is nothing.
    - Labels that are booleans or whole floats: as integers.

    Args:
        examples: `Examples`, at least one.
        path: of the file; folders above it that are not there are made. File and folders are readable by their
            owner only.
        inputs: the column of the inputs. A dict of inputs becomes one column each under its own names; a dict of name
            -> column changes these.
        label, weight, id: the names of these columns.
        separator: what stands between several values of a CSV cell; with None a cell holds at most one.
        kind: "csv", "jsonl", "parquet", "arrow" or "tfrecord", where the ending does not say it.
        overwrite: take the place of a file (and folder of images) that is there.

    Returns:
        The path.

    Raises:
        FairkitError: for an unknown ending, a file that is there already, two columns of one name, and whatever the
            format would not give back equal; the message says which format does. Nothing is left behind then.

    Example:
        >>> import fairkit, pathlib, tempfile
        >>> examples = fairkit.Examples(inputs=["hello", "get lost"], labels=[0, 1],
        ...                             groups={"faith": [None, ["hindu", "jewish"]]})
        >>> path = fairkit.data.write(examples, pathlib.Path(tempfile.mkdtemp()) / "posts.csv")
        >>> print(path.read_text(), end="")
        "input","label","faith"
        "hello",0,
        "get lost",1,"hindu|jewish"
    """
    path, (kind, compression) = _free(path, overwrite), kind_of(path, kind)
    columns, n = columns_of(examples, inputs, label, weight, id), len(examples)
    folder = images_folder(columns, path, compression) if kind == "csv" else None
    if folder is not None and folder.exists() and not overwrite:
        raise _there(folder)
    try:
        # The folder of images takes its place before the file that names them.
        with new_file(path) as temporary, contextlib.ExitStack() as stack:
            if kind == "parquet":
                write_parquet(columns, n, temporary)
            elif kind == "arrow":
                write_arrow(columns, n, temporary)
            else:
                images = None if folder is None else stack.enter_context(replaced_folder(folder))
                with compressed(temporary, compression) as file:
                    if kind == "csv":
                        write_csv(columns, csv_cells(columns, separator, n, folder and folder.name), n, file, images)
                    else:
                        (write_json_lines if kind == "jsonl" else write_tfrecord)(columns, n, file)
    except OSError as error:
        raise FairkitError(f"{str(path)!r} cannot be written", "a folder that can be written to, with enough space",
                           one_line(error)) from None
    return path


def _free(path, overwrite):
    path = as_path(path)
    if path.is_dir():
        raise FairkitError(f"{str(path)!r} is a folder", "the path of a file in it", repr(str(path)))
    if path.exists() and not overwrite:
        raise _there(path)
    return path


def _there(path):
    return FairkitError(f"{str(path)!r} is there already", "another path, or overwrite=True", repr(str(path)))
