"""The Poisson bootstrap, from cells: what it costs does not depend on the number of examples.

A replicate gives each example a Poisson(1) number of copies (as in TFMA). Summed over the n examples of a cell that is
one draw: Poisson(n). With weights w it is a Poisson(sum w / a) with a = sum w^2 / sum w, which has the mean and the
variance of the sum of the weighted copies.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fairkit.counts.atom_sets import AtomSets
from fairkit.counts.rates import Counts

__all__ = ["MOST_UNDEFINED", "outcome_replicates", "percentile_interval", "replicate_sums", "t_interval",
           "top1_replicates"]

MOST_UNDEFINED = 0.05
"""Where a larger share of the replicates has no value, for want of a denominator, there is no interval."""

_BLOCK_DRAWS = 1 << 18  # replicates x cells that one stream draws: 2 MB
_WAVE = 8  # blocks at a time, so that memory stays bounded
_THREADS = min(_WAVE, os.cpu_count() or 1)


def replicate_sums(atom, group, moments, groups, rows, replicates, seed):
    """Sums of weights of unions of atoms in each replicate.

    Args:
        atom: (m,) atoms of the cells.
        group: (m,) integers below `groups`: what else a cell is told apart by.
        moments: (m, 3): n, sum of weights and sum of squared weights of each cell.
        groups: the number of groups.
        rows: `AtomSets`, or (rows, atoms) booleans.
        replicates: their number.
        seed: an integer or several. The same seed gives the same replicates, whatever the rows and the number of cores.

    Returns:
        (groups, rows, replicates).
    """
    order = np.lexsort((atom, group))
    atom, group, moments = atom[order], group[order], moments[order]
    size = max(1, _BLOCK_DRAWS // replicates)
    blocks = [slice(start, start + size) for start in range(0, len(atom), size)]
    streams = np.random.SeedSequence(seed).spawn(len(blocks))
    member, sums = AtomSets.of(rows).matrix, np.zeros((groups, len(rows), replicates))

    def drawn(job):
        cells, stream = job
        _, w, w2 = moments[cells].T
        unit = np.divide(w2, w, out=np.zeros_like(w), where=w > 0)
        mean = np.divide(w, unit, out=np.zeros_like(w), where=unit > 0)
        draws = np.random.Generator(np.random.SFC64(stream)).poisson(mean[:, None], (len(w), replicates))
        draws, inside = draws * unit[:, None], member[:, atom[cells]]
        starts = np.flatnonzero(np.diff(group[cells], prepend=-1))
        ends = np.append(starts[1:], len(w))
        return [(group[cells][a], inside[:, a:b] @ draws[a:b]) for a, b in zip(starts, ends, strict=True)]

    with ThreadPoolExecutor(_THREADS) as pool:  # the generators do not hold the interpreter's lock
        for wave in range(0, len(blocks), _WAVE):
            jobs = list(zip(blocks, streams, strict=True))[wave:wave + _WAVE]
            for found in pool.map(drawn, jobs):
                for position, part in found:
                    sums[position] += part
    return sums


def outcome_replicates(cells, class_id, rows, replicates, seed):
    """`Counts` of one class against the rest in each replicate: sums of weights, (thresholds, rows, replicates).

    Args:
        cells: `Cells`.
        class_id: one of its classes.
        rows: `AtomSets`, or (rows, atoms) booleans.
        replicates, seed: as for `replicate_sums`.
    """
    position, buckets = cells.classes.index(class_id), len(cells.thresholds) + 1
    here = cells.keys[:, 1] == position
    atom, _, label, bucket = cells.keys[here].T
    table = replicate_sums(atom, label * buckets + bucket, cells.moments[here], 2 * buckets, rows, replicates,
                           [seed, position])
    table = table.reshape(2, buckets, *table.shape[1:])
    below = np.cumsum(table, axis=1)[:, :-1]
    above = np.cumsum(table[:, ::-1], axis=1)[:, -2::-1]
    return Counts(tp=above[1], fp=above[0], tn=below[0], fn=below[1])


def top1_replicates(cells, rows, replicates, seed):
    """`Counts` of the top-1 prediction in each replicate, (1, rows, replicates): right ones as tp, wrong ones as fp."""
    atom, label, predicted = cells.confusion_keys.T
    wrong, right = replicate_sums(atom, (label == predicted).astype(int), cells.confusion_moments, 2, rows, replicates,
                                  [seed, len(cells.classes)])[:, None]
    return Counts(tp=right, fp=wrong, tn=np.zeros_like(right), fn=np.zeros_like(right))


def percentile_interval(values):
    """The 2.5 % and 97.5 % quantiles of replicates, (..., replicates), as NumPy interpolates them.

    Returns:
        (lower, upper), arrays (...). Replicates without a value (NaN) are left out; where more than `MOST_UNDEFINED`
        of them have none, the bounds are NaN.

    Example:
        >>> lower, upper = percentile_interval(np.arange(41.0))
        >>> float(lower), float(upper)
        (1.0, 39.0)
    """
    values = np.sort(values, axis=-1)  # NaN last; quicker than np.partition, where NumPy has a vectorised sort
    known = (~np.isnan(values)).sum(-1)
    bounds = []
    for level in (0.025, 0.975):
        place = np.maximum(known - 1, 0) * level
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, values.shape[-1] - 1)
        start, end = (np.take_along_axis(values, at[..., None], -1)[..., 0] for at in (low, high))
        bounds.append(np.where(place > low, start + (place - low) * (end - start), start))
    return _where_known(known, values.shape[-1], *bounds)


def t_interval(values):
    """TFMA's form: the replicates' mean +- t(.975, replicates - 1) x their standard deviation; arguments as above."""
    from scipy.special import stdtrit

    known = (~np.isnan(values)).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(values, axis=-1) / known
        spread = np.sqrt(np.nansum((values - mean[..., None]) ** 2, axis=-1) / (known - 1))
        half = stdtrit(np.maximum(known - 1, 1), 0.975) * spread
    return _where_known(known, values.shape[-1], mean - half, mean + half)


def _where_known(known, replicates, lower, upper):
    enough = (known >= 2) & (known >= (1 - MOST_UNDEFINED) * replicates)
    return np.where(enough, lower, np.nan), np.where(enough, upper, np.nan)
