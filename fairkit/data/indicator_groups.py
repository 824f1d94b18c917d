"""Group cells from one yes or no for each group."""

import numpy as np

__all__ = ["indicator_groups"]


def indicator_groups(names, belongs):
    """(codes (n,), cells): the distinct sets of groups, as sorted tuples, and which of them each row has.

    Args:
        names: of the k groups.
        belongs: (n, k) booleans.

    Example:
        >>> from fairkit.data.indicator_groups import indicator_groups
        >>> codes, cells = indicator_groups(["b", "a"], [[True, True], [False, False], [True, False]])
        >>> [cells[code] for code in codes]
        [('a', 'b'), (), ('b',)]
    """
    bits = np.packbits(np.asarray(belongs, bool), axis=1)
    # Rows as one value each are told apart much faster than rows.
    joined = bits if bits.shape[1] == 1 else np.ascontiguousarray(bits).view(f"V{bits.shape[1]}")
    distinct, codes = np.unique(joined, return_inverse=True)
    rows = np.unpackbits(distinct.view(np.uint8).reshape(-1, bits.shape[1]), axis=1)[:, :len(names)]
    return codes.reshape(-1), [tuple(sorted(names[i] for i in np.flatnonzero(row))) for row in rows]
