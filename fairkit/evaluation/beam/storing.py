"""Counts and evaluations on Beam's filesystems."""

import tempfile
from pathlib import Path

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import GoogleCloudOptions

from fairkit.storage import private_folder

__all__ = ["handover", "removed", "save", "taken", "write"]


def handover(options, output, scratch):
    """The folder where the workers leave the counts: the output, --temp_location, or one of this machine."""
    folder = str(output or options.view_as(GoogleCloudOptions).temp_location or scratch).rstrip("/")
    return folder if "://" in folder else str(private_folder(Path(folder).absolute()))


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
        evaluation.save(scratch)
        paths = [path for path in Path(scratch).rglob("*") if path.is_file()]
        for path in sorted(paths, key=lambda path: -len(path.parts)):  # what says that it is whole comes last
            write(path.read_bytes(), f"{str(output).rstrip('/')}/{path.relative_to(scratch).as_posix()}")
