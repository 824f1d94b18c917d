"""The part of JMESPath that says where labels and features stand in a record: keys, dots and positions."""

import re

from fairkit.errors import FairkitError, nearest, quote

__all__ = ["part_of", "parts_of"]

_STEP = re.compile(r'\.?(?:([A-Za-z_]\w*)|"((?:[^"\\]|\\.)*)"|\[(-?\d+)\])')


def part_of(record, path, what="a record"):
    """What a path leads to in a record; None where there is nothing.

    Args:
        record: a dict or a list.
        path: such as "Label", "data.features", "scores[1]", or a position. "[*]." before it, which goes over all
            records of a JSON array, is left off by the caller.
        what: the record in words, for messages.

    Example:
        >>> from fairkit.bias.clarify_paths import part_of
        >>> part_of({"out": {"scores": [0.1, 0.9]}}, "out.scores[1]")
        0.9
    """
    for step in [path] if isinstance(path, int) else _steps(path):
        if isinstance(step, int) and isinstance(record, (list, tuple)):
            record = record[step] if -len(record) <= step < len(record) else None
        elif isinstance(step, str) and isinstance(record, dict):
            record = record.get(step)
        else:
            raise FairkitError(f"{quote(path)} leads nowhere in {what}",
                               "the key of an object or the position in a list",
                               quote(record)[:80])
    return record



def parts_of(records, path, what):
    """What a path leads to in each of many records.

    Args:
        records: list of dicts or lists.
        path: as `part_of` takes it.
        what: one of the records in words, for messages.

    Raises:
        FairkitError: where it leads to nothing in any of them.

    Example:
        >>> from fairkit.bias.clarify_paths import parts_of
        >>> parts_of([{"p": 0.1}, {"p": 0.8}, {}], "p", "result")
        [0.1, 0.8, None]
    """
    found = [part_of(record, path, f"{what} {place}") for place, record in enumerate(records)]
    if found and all(part is None for part in found):
        first = records[0]
        there = nearest(path, first) if isinstance(first, dict) else f"a position from 0 to {len(first) - 1}"
        raise FairkitError(f"no {what} has {quote(path)}", there, quote(path))
    return found


def _steps(path):
    found, at = [], 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise FairkitError("this JMESPath expression is not supported", "keys, dots and positions, such as Label, "
                               "data.features or scores[1]; [*]. before it for a JSON array", quote(path))
        found.append(int(step[3]) if step[3] else step[1] or step[2].replace('\\"', '"'))
        at = step.end()
    return found
