"""Mentions in a column of texts, most of them without a look at each."""

import numpy as np

from fairkit.data.indicator_groups import indicator_groups
from fairkit.data.mentions.spelling import folded, spelled
from fairkit.groups import GroupColumn

__all__ = ["mention_columns"]

_ROWS = 1 << 16   # looked at together


def mention_columns(texts, columns):
    """dict of name -> `GroupColumn`: the groups that each text mentions.

    Args:
        texts: a `pyarrow.ChunkedArray` of n strings.
        columns: dict of name -> `ColumnTerms`.
    """
    codes = {name: np.zeros(len(texts), np.int32) for name in columns}
    cells = {name: {(): 0} for name in columns}
    start = 0
    for chunk in texts.chunks:
        for at in range(0, len(chunk), _ROWS):
            part = chunk.slice(at, _ROWS)
            alike = {cased: _alike(part, cased) for cased in {terms.cased for terms in columns.values()}}
            for name, terms in columns.items():
                codes[name][start:start + len(part)] = _codes(alike[terms.cased], terms, cells[name])
            start += len(part)
    return {name: GroupColumn(codes[name].astype(np.min_scalar_type(len(cells[name]))),
                              list(cells[name])) for name in columns}


def _codes(texts, terms, cells):
    """The code of each text's groups; `cells` (sorted groups -> code) takes up new ones."""
    import pyarrow as pa

    codes = np.zeros(len(texts), np.int32)
    if terms.any is None:
        return np.array([_code(terms, text, cells) for text in texts.to_pylist()], np.int32)
    rows = np.flatnonzero(_matches(texts, terms.any))
    texts = texts.take(pa.array(rows))
    found = np.column_stack([_matches(texts, expression) for expression in terms.by_group.values()])
    which, sets = indicator_groups(list(terms.by_group), found)
    codes[rows] = np.array([cells.setdefault(groups, len(cells)) for groups in sets], np.int32)[which]
    if terms.overlapping is not None:
        unclear = np.flatnonzero(_matches(texts, terms.overlapping))
        codes[rows[unclear]] = [_code(terms, text, cells) for text in texts.take(pa.array(unclear)).to_pylist()]
    return codes


def _code(terms, text, cells):
    return cells.setdefault(tuple(sorted(terms.mentioned(text))), len(cells))


def _matches(texts, expression):
    import pyarrow.compute as pc

    return pc.match_substring_regex(texts, expression).to_numpy(zero_copy_only=False)


def _alike(texts, cased):
    """Texts in one spelling; what is ASCII, as most is, without a look at each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = texts if cased else pc.ascii_lower(texts)
    other = pc.invert(pc.string_is_ascii(texts))
    if not pc.any(other).as_py():
        return plain
    spell = spelled if cased else folded
    return pc.replace_with_mask(plain, other, pa.array([spell(t) for t in texts.filter(other).to_pylist()], plain.type))
