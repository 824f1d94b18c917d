"""CSV files of examples, with images as PNG files in a folder beside."""

import contextlib
import hashlib
import json
import os
import re
from urllib.parse import quote as url_quote

import numpy as np

from fairkit.data.writing.array_columns import ArrayColumn, ImageColumn
from fairkit.data.writing.group_columns import GroupCells
from fairkit.data.writing.plain_columns import TextColumn, portable_numbers
from fairkit.data.writing.tables import chunks
from fairkit.errors import FairkitError, quote

__all__ = ["csv_cells", "images_folder", "write_csv"]

_OTHERS = "a file .jsonl, .parquet or .arrow"
_OWN_IMAGE = re.compile(r".+_\d{6,}\.png")
_RECORD = ".fairkit.json"   # in a folder of images, what fairkit wrote there
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def images_folder(columns, path, compression=None):
    """The folder beside a CSV file for its images, or None where no column holds any.

    Raises:
        FairkitError: if it is there and holds anything but images that `write_csv` wrote: a user's own stay.
    """
    if not any(isinstance(column, ImageColumn) for column in columns):
        return None
    path = path.with_suffix("") if compression else path
    folder = path.with_name((path.stem if path.suffix.lower() == ".csv" else path.name) + "_images")
    if folder.exists():
        names = os.listdir(folder) if folder.is_dir() else [folder.name]
        foreign = sorted(name for name in names if not _OWN_IMAGE.fullmatch(name) and name != _RECORD)
        if foreign or (names and _record_of(names) != _recorded(folder)):
            foreign = foreign or ["images that were not written by fairkit, or changed since"]
            raise FairkitError(f"the images would take the place of {str(folder)!r}, which holds something else",
                               "another name of the file, or no such folder beside it",
                               ", ".join(map(quote, foreign[:3])) + (", ..." if len(foreign) > 3 else ""))
    return folder


def csv_cells(columns, separator, n, folder_name=None):
    """Functions (start, stop, folder) -> Arrow column of cells, one a column.

    Args:
        columns: as `columns_of` gives them.
        separator: what stands between the values of a group cell, or None.
        n: rows in all.
        folder_name: of the folder of images, as it is to stand in their paths.

    Raises:
        FairkitError: for what a CSV file cannot hold.
    """
    if separator is not None and (not isinstance(separator, str) or not separator or separator == "list"):
        raise FairkitError("the separator is no text that can stand between values", "a text such as '|', or None",
                           quote(separator))
    cells = []
    for column in columns:
        if _CONTROL.search(column.name):
            raise FairkitError("a CSV header has no control characters", "a column name without any",
                               quote(column.name))
        if isinstance(column, GroupCells):
            cells.append(_groups(column, separator))
        elif isinstance(column, ImageColumn):
            cells.append(_images(column, n, folder_name))
        elif isinstance(column, ArrayColumn):
            raise FairkitError(f"a CSV cell cannot hold the arrays of column {quote(column.name)}",
                               f"texts, numbers or uint8 images; {_OTHERS} holds any arrays",
                               f"{column.dtype} of shape {column.shape}")
        else:
            cells.append(_texts(column) if isinstance(column, TextColumn) else _numbers(column))
    return cells


def _record_of(names):
    """What tells one set of names from another."""
    return hashlib.sha256("/".join(sorted({*names} - {_RECORD})).encode("utf-8", "surrogatepass")).hexdigest()


def _recorded(folder):
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return json.loads((folder / _RECORD).read_text(encoding="utf-8"))["names"]
    return None


def write_csv(columns, cells, n, file, folder=None):
    """Writes the n rows of the columns to an open file, their images as PNG files into an existing folder."""
    import pyarrow as pa
    from pyarrow import csv

    writer, names = None, [column.name for column in columns]
    for start, stop in chunks(columns, n):
        table = pa.table([cell(start, stop, folder) for cell in cells], names=names)
        writer = writer or csv.CSVWriter(file, table.schema)
        writer.write_table(table)
    writer.close()
    if folder is not None:
        (folder / _RECORD).write_text(json.dumps({"names": _record_of(os.listdir(folder))}), encoding="utf-8")


def _texts(column):
    import pyarrow.compute as pc

    def cells(start, stop, folder):
        texts = column.arrow(start, stop)
        with_nul = pc.match_substring(texts, "\x00")
        if pc.any(with_nul).as_py():
            row = start + with_nul.index(True).as_py()
            raise FairkitError("a CSV file holds no NUL characters", f"texts without any, or {_OTHERS}",
                               f"a text of column {quote(column.name)} in row {row}")
        return texts

    return cells


def _numbers(column):
    import pyarrow as pa

    def cells(start, stop, folder):
        array = portable_numbers(column, start, stop, _OTHERS.replace(".jsonl, ", ""))
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            row = start + int(np.flatnonzero(~np.isfinite(array))[0])
            raise FairkitError(f"a CSV cell of column {quote(column.name)} would be no number",
                               "finite numbers, or a file .parquet or .arrow", f"{array[row - start]} in row {row}")
        return pa.array(array)

    return cells


def _groups(column, separator):
    import pyarrow as pa

    joined = pa.array(column.joined(separator), pa.string())
    return lambda start, stop, folder: joined.take(pa.array(column.codes(start, stop)))


def _images(column, n, folder_name):
    import pyarrow as pa

    digits, first = max(6, len(str(n - 1))), url_quote(column.name, safe="")

    def cells(start, stop, folder):
        names = [f"{first}_{row:0{digits}d}.png" for row in range(start, stop)]
        for name, image in zip(names, column.png(start, stop)):
            (folder / name).write_bytes(image)
        return pa.array([f"{folder_name}/{name}" for name in names], pa.string())

    return cells
