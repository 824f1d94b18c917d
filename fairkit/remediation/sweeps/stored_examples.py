"""Examples in a file, from which every process of a sweep reads the same ones."""

import hashlib
from collections.abc import Mapping

import numpy as np

from fairkit.examples import Examples
from fairkit.inputs import NestedInputs, structure_of

__all__ = ["digest_of_file", "digest_without_inputs", "read_examples", "write_examples"]

_LABEL, _WEIGHT, _ID, _INPUT = (f"fairkit_{name}" for name in ("label", "weight", "id", "input"))


def write_examples(examples, path):
    """Writes examples as an Arrow file; returns what `read_examples` needs to know, as plain values.

    Raises:
        FairkitError: for examples that no file can hold.
    """
    from fairkit.data import write
    from fairkit.data.image_files import ImageFiles

    several = isinstance(examples.inputs, Mapping)
    names = {name: f"{_INPUT}_{place}" for place, name in enumerate(examples.inputs)} if several else _INPUT
    write(examples, path, inputs=names, label=_LABEL, weight=_WEIGHT, id=_ID, kind="arrow", overwrite=True)
    structure = examples.inputs.structure if isinstance(examples.inputs, NestedInputs) else None
    return {"inputs": names, "structure": structure, "images": isinstance(examples.inputs, ImageFiles),
            "groups": list(examples.groups), "weighted": examples.weights is not None,
            "ids": examples.given_ids is not None, "classes": max(2, int(examples.labels.max()) + 1)}


def read_examples(path, about):
    """The `Examples` that `write_examples` wrote."""
    from fairkit.data import read

    names = about["inputs"]
    found = read(path, list(names.values()) if isinstance(names, dict) else names, label=_LABEL,
                 classes=about["classes"], groups=about["groups"], weight=_WEIGHT if about["weighted"] else None,
                 id=_ID if about["ids"] else None, images=about["images"], missing_inputs="keep")
    if not isinstance(names, dict):
        return found
    inputs = {name: found.inputs[column] for name, column in names.items()}
    if about["structure"] is not None:
        inputs = NestedInputs(inputs, structure_of(about["structure"]))
    return Examples(inputs=inputs, labels=found.labels, groups=found.groups, weights=found.weights, ids=found.given_ids,
                    missing_inputs="keep")


def digest_of_file(path):
    """sha256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_without_inputs(examples):
    """sha256 of labels, groups, weights and ids: for examples that no file can hold."""
    content = hashlib.sha256(str((examples.labels.tolist(), examples.ids.tolist())).encode())
    for name, column in sorted(examples.groups.items()):
        content.update(str((name, [tuple(map(str, column.cells[code])) for code in column.codes])).encode())
    if examples.weights is not None:
        content.update(np.ascontiguousarray(examples.weights).tobytes())
    return content.hexdigest()
