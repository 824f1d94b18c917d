"""Counts and evaluations on Beam's filesystems."""

import contextlib
import tempfile
from pathlib import Path

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import GoogleCloudOptions

from fairkit.folders import RUN
from fairkit.storage import scratch_beside

__all__ = ["handover", "removed", "save", "taken", "write"]


@contextlib.contextmanager
def handover(options, output):
    """The folder where the workers leave the counts: beside the output, --temp_location, or one of this machine."""
    folder = str(output or options.view_as(GoogleCloudOptions).temp_location or "").rstrip("/")
    if "://" in folder:
        yield folder
    elif folder:
        with scratch_beside(Path(folder).absolute()) as scratch:   # which is gone afterwards, however this ends
            yield str(scratch)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            yield scratch


def write(data, target):
    """Writes bytes into a file."""
    with FileSystems.create(target, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        file.write(data)


def taken(target):
    """The bytes of a file that a pipeline has written; None where it has written none."""
    if not FileSystems.exists(target):
        return None
    with FileSystems.open(target, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        return file.read()


def removed(target):
    """Removes a file if it is there."""
    if FileSystems.exists(target):
        FileSystems.delete([target])


def save(evaluation, output):
    """Writes an evaluation into a folder on any of Beam's filesystems."""
    if "://" not in str(output):
        evaluation.save(output)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "result"
        evaluation.save(folder)
        paths = [path for path in folder.rglob("*") if path.is_file()]
        for path in sorted(paths, key=lambda path: path.name == RUN):  # which says what belongs together, comes last
            write(path.read_bytes(), f"{str(output).rstrip('/')}/{path.relative_to(folder).as_posix()}")
