"""Data sets of TensorFlow Datasets (TFDS), by name."""

import contextlib
import difflib

from fairkit.data.reading.datasets import Dataset
from fairkit.errors import FairkitError, nearest, one_line, quote

__all__ = ["TfdsSet", "is_known", "near_names", "tfds"]


def tfds():
    """The module tensorflow_datasets.

    Raises:
        FairkitError: if it is not installed.
    """
    from fairkit.quiet import silence, tf

    assert tf  # TFDS imports it when it is first used, with all its chatter
    try:
        with silence():
            import tensorflow_datasets
    except ModuleNotFoundError as error:
        raise FairkitError("TensorFlow Datasets is not installed", 'pip install "fairkit[datasets]"',
                           str(error)) from None
    return tensorflow_datasets


def is_known(name, data_dir=None):
    """Whether TFDS has a data set of that name, its own or one that is prepared in `data_dir`."""
    module = tfds()
    try:
        module.builder(name, data_dir=data_dir)
    except (module.core.registered.DatasetNotFoundError, ValueError, AttributeError, AssertionError):
        return False
    return True


def near_names(name):
    """Names of data sets near one that is not there: of other configurations or versions, or of other data sets."""
    module, (base, _, _) = tfds(), _parts(name)
    if base not in module.list_builders():
        return difflib.get_close_matches(base, module.list_builders(), n=3, cutoff=0.7)
    found = module.builder_cls(base)
    configs = [f"{base}/{config.name}" for config in found.BUILDER_CONFIGS]
    versions = [f"{base}:{version}" for version in dict.fromkeys([found.VERSION, *found.SUPPORTED_VERSIONS]) if version]
    names = [*configs, *versions]
    return difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names[:3] or [base]


def _parts(name):
    """(data set, configuration, version) of a name."""
    name, _, version = name.removeprefix("tfds:").partition(":")
    base, _, config = name.partition("/")
    return base, config, version


class TfdsSet(Dataset):
    """One split of a data set of TFDS, in its own order; downloaded and prepared if it is not there yet.

    Args:
        name: such as "civil_comments/CivilCommentsIdentities" or "mnist:3.0.1".
        split: such as "train", "test[:10%]"; None where there is only one.
        data_dir: the folder of prepared data sets; None for TFDS's own.

    Raises:
        FairkitError: for a split that is not there, or a data set that can neither be found nor downloaded.
    """

    def __init__(self, name, split=None, data_dir=None):
        if not is_known(name, data_dir):
            near = ", ".join(map(quote, near_names(name))) or nearest(name, tfds().list_builders())
            raise FairkitError(f"TensorFlow Datasets has no data set {quote(name)}", f"one that it has, such as {near}",
                               quote(name))
        builder = tfds().builder(name, data_dir=data_dir)
        try:
            with contextlib.redirect_stdout(None):
                builder.download_and_prepare()
        except Exception as error:  # whatever a download or a builder of somebody else's raises
            raise FairkitError(f"the data set {quote(name)} cannot be prepared",
                               "a prepared data set (data_dir=), or a "
                               "connection to its source", f"{type(error).__name__}: {one_line(error)}") from None
        splits = list(builder.info.splits)
        if split is None and len(splits) != 1:
            raise FairkitError(f"{quote(name)} has several splits", f"split=, one of {', '.join(map(quote, splits))}",
                               "no split")
        split = splits[0] if split is None else split
        try:
            dataset = builder.as_dataset(split=split, shuffle_files=False)
        except (ValueError, KeyError, AssertionError) as error:
            raise FairkitError(f"{quote(name)} has no split {quote(split)}", nearest(split, splits),
                               one_line(error)) from None
        super().__init__(dataset, batched=False)
        self.what = f"{quote(name)} ({split})"
