"""The names of a SavedModel's inputs: TensorFlow takes few, so others are renamed, and what was renamed is kept beside.

TensorFlow makes each input of a signature a parameter of a function: ASCII letters, digits and underlines, a letter
first, no word of Python, and no two that differ in their case alone. The names of the model's own inputs stand in
assets.extra, the folder that TensorFlow leaves to such things.
"""

import json
import keyword
import re
from pathlib import Path

from fairkit.inputs import structure_of

__all__ = ["plain_name", "read_inputs", "signature_names", "write_inputs"]

_FILE = Path("assets.extra") / "fairkit_inputs.json"
_FORMAT = 1


def signature_names(names):
    """dict of name -> name in a signature; no two are alike, and names that TensorFlow takes stay as they are.

    Example:
        >>> from fairkit.models.signatures import signature_names
        >>> signature_names(["age", "a-b", "a_b", "größe", "2nd"])
        {'age': 'age', 'a-b': 'a_b_2', 'a_b': 'a_b', 'größe': 'gr__e', '2nd': 'arg_2nd'}
    """
    taken, found = set(), {}
    for name in sorted(names, key=lambda name: not _is_taken_by_tensorflow(name)):
        plain = plain_name(name)
        unused, count = plain, 1
        while unused.lower() in taken:
            count += 1
            unused = f"{plain}_{count}"
        taken.add(unused.lower())
        found[name] = unused
    return {name: found[name] for name in names}


def plain_name(name):
    """A name as TensorFlow takes it, alone: other characters become underlines."""
    if _is_taken_by_tensorflow(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if _is_taken_by_tensorflow(plain) else f"arg_{plain.lstrip('_')}"


def write_inputs(folder, structure, names):
    """Keeps what the inputs of a SavedModel are called in its model, and how they belong together.

    Args:
        folder: of the SavedModel.
        structure: dicts and tuples whose leaves are the model's names.
        names: dict of the model's name -> the signature's.
    """
    path = Path(folder) / _FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"format": _FORMAT, "structure": structure, "names": names}, ensure_ascii=False,
                               indent=1) + "\n", encoding="utf-8")


def read_inputs(folder, given):
    """(structure, names) as `write_inputs` kept them; for another SavedModel each input by its own name.

    Args:
        folder: of the SavedModel.
        given: the names of its signature's inputs.
    """
    own = {name: name for name in given}
    try:
        about = json.loads((Path(folder) / _FILE).read_text(encoding="utf-8"))
        structure, names = structure_of(about["structure"]), dict(about["names"])
        known = about["format"] == _FORMAT and sorted(names.values()) == sorted(given)
        if not known or sorted(_leaves(structure)) != sorted(names):
            return own, own
    except (OSError, ValueError, KeyError, TypeError):
        return own, own
    return structure, names


def _is_taken_by_tensorflow(name):
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) is not None and not keyword.iskeyword(name) and name != "self"


def _leaves(structure):
    if isinstance(structure, str):
        return [structure]
    return [leaf for part in (structure.values() if isinstance(structure, dict) else structure)
            for leaf in _leaves(part)]
