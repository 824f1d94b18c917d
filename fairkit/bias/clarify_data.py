"""A data set as a Clarify configuration describes it, as a frame."""

import gzip
import json
from pathlib import Path

from fairkit.bias.clarify_paths import parts_of
from fairkit.errors import FairkitError, nearest, one_line, quote

__all__ = ["column_named", "dataset", "records_of"]

_LOOKED_AT = 1000  # rows that tell whether the first one is a header
_LABEL, _PREDICTED = "label0", "predicted_label"  # what Clarify calls them where there are no headers


def dataset(config, data):
    """(frame, name of the label, name of the predicted label or None).

    Args:
        config: `ClarifyConfig`.
        data: the path of a file, or of a folder of files; or a DataFrame, whose columns are taken as they are.

    Raises:
        FairkitError: for a file that cannot be read, or columns that are not there.
    """
    if hasattr(data, "iloc"):
        frame = data
    elif config.kind in ("application/jsonlines", "application/json"):
        return _from_records(config, [record for path in _files(data) for record in records_of(path, config.kind)])
    else:
        import pandas as pd

        frame = pd.concat([_table(config, path) for path in _files(data)], ignore_index=True)
    predicted = None if config.predicted_label is None else column_named(frame, config.predicted_label,
                                                                         "predicted_label")
    return frame, column_named(frame, config.label, "label"), predicted


def column_named(frame, name, what):
    """The name of a column that is named, or given by its position from 0."""
    if isinstance(name, int) and name not in frame.columns:
        if not 0 <= name < frame.shape[1]:
            raise FairkitError(f"{what}: there is no column {name}", f"0 to {frame.shape[1] - 1}", name)
        return frame.columns[name]
    if name not in frame.columns:
        raise FairkitError(f"{what}: no column {str(name)!r}", nearest(name, frame.columns), quote(name))
    return name


def records_of(path, kind):
    """The records of a file of JSON Lines, or of one JSON array."""
    opened = gzip.open if str(path).endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            if kind == "application/json":
                found = json.load(file)
                if not isinstance(found, list):
                    raise FairkitError(f"{str(path)!r} holds no JSON array of records", "[{...}, {...}]",
                                       type(found).__name__)
                return found
            lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FairkitError(f"{str(path)!r} cannot be read", "JSON in UTF-8", one_line(error)) from None
    found = []
    for number, line in lines:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise FairkitError(f"row {number} of {str(path)!r} is no JSON", "one record a line", one_line(error)) \
                from None
    return found


def _from_records(config, records):
    """The frame of records that hold a list of features, or of records that are flat."""
    import pandas as pd

    if not records:
        raise FairkitError("the data set is empty", "at least one record", "none")
    label, predicted = (None if path is None else _each(records, path, config.kind) for path in
                        (config.label, config.predicted_label))
    headers = list(config.headers or [])
    if config.features is None:
        frame = pd.json_normalize(records)
        names = [column_named(frame, one, "label") for one in (config.label, config.predicted_label) if one is not None]
        return frame, names[0], names[1] if predicted is not None else None
    rows = _each(records, config.features, config.kind)
    odd = next((place for place, row in enumerate(rows) if not isinstance(row, list) or len(row) != len(rows[0])), None)
    if odd is not None:
        raise FairkitError(f"record {odd} has other features than the first", "a list of one length in every record",
                           quote(rows[odd])[:80])
    width = len(rows[0])
    wanted = width + 1 + (predicted is not None)
    if headers and len(headers) not in (width, wanted):
        raise FairkitError("the headers do not fit the records", f"{wanted}: those of {width} features, then that of "
                           "the label" + (", then that of the predicted label" if predicted is not None else ""),
                           f"{len(headers)} headers")
    names = headers[:width] or [f"column_{place}" for place in range(width)]
    told = headers[width:] or [_LABEL, _PREDICTED]
    frame = pd.DataFrame(rows, columns=names)
    frame[told[0]] = label
    if predicted is not None:
        frame[told[1]] = predicted
    return frame, told[0], told[1] if predicted is not None else None


def _each(records, path, kind):
    path = path.removeprefix("[*].") if isinstance(path, str) and kind == "application/json" else path
    return parts_of(records, path, "record")


def _table(config, path):
    import pandas as pd

    try:
        if config.kind == "application/x-parquet":
            frame = pd.read_parquet(path)
            return frame.set_axis(config.headers, axis=1) if config.headers else frame
        if config.headers is None:
            return pd.read_csv(path)
        first = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0].tolist()
        if len(first) != len(config.headers):
            raise FairkitError(f"the headers do not fit {str(path)!r}", f"{len(first)} names", f"{len(config.headers)}")
        told = list(map(_bare, first)) == list(map(_bare, config.headers))
        frame = pd.read_csv(path, header=0 if told else None, names=config.headers)
        if not told:
            _check_no_header(frame, path)
        return frame
    except FairkitError:
        raise
    except Exception as error:  # pandas and Arrow have many kinds
        raise FairkitError(f"{str(path)!r} cannot be read as {config.kind}", "the dataset_type of the configuration",
                           one_line(error)) from None



def _bare(name):
    """A name without what headers differ by: blanks around it, capitals, a byte order mark."""
    return str(name).strip("\ufeff \t").casefold()


def _check_no_header(frame, path):
    """Raises `FairkitError` for a file whose first row, read as data, holds the names of columns: other ones than the
    given headers, or these in another order."""
    import pandas as pd

    first, rest = frame.iloc[0], frame.iloc[1:_LOOKED_AT].dropna(how="all", axis=1)
    numeric = [name for name in rest if pd.to_numeric(rest[name].dropna(), errors="coerce").notna().all()]
    cells = first[numeric].dropna()
    words = [cell for cell in cells if isinstance(cell, str) and any(map(str.isalpha, cell))]
    texts = [name for name in rest if name not in numeric]
    is_header = bool(words) and pd.to_numeric(cells, errors="coerce").isna().all() and \
        not any((rest[name] == first[name]).any() for name in texts)
    if is_header or {_bare(cell) for cell in first} == {_bare(name) for name in frame.columns}:
        raise FairkitError(f"the first row of {str(path)!r} holds other names than the headers of the configuration",
                           ", ".join(map(quote, frame.columns)) + "; or a file without a header",
                           ", ".join(repr(str(cell)) for cell in first))


def _files(data):
    path = Path(data)
    if path.is_dir():
        found = sorted(part for part in path.rglob("*") if part.is_file() and not part.name.startswith((".", "_")))
        if found:
            return found
    if not path.is_file():
        raise FairkitError(f"there is no data set at {str(path)!r}", "a file, or a folder of files", repr(str(path)))
    return [path]
