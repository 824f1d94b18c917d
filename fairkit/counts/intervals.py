"""Intervals: Wilson for a share, MOVER for what is linear in shares (differences, gaps, changes) and for ratios.

Sources: Wilson 1927; Newcombe 1998 (Statistics in Medicine 17:873 and 17:2635); Zou and Donner 2008 (MOVER);
Brown, Cai and DasGupta 2001 (Statistical Science 16:101); Fay and Feuer 1997 (Statistics in Medicine 16:791).
What they cover by simulation: docs/coverage.md.
"""

import functools

import numpy as np

__all__ = ["Z95", "calibration", "estimate", "linear", "mean_score", "share", "wilson"]

Z95 = 1.959963984540054
# Hits up to which Wilson's bound on their side may lie too near: heavy ones of a 0/1 rate, any of other rates.
_FEW_HEAVY, _FEW = 2, 4


def wilson(share, size, z=Z95):
    """The Wilson interval of a share.

    Args:
        share: observed shares, in [0, 1].
        size: number of examples; with weights the effective number, (sum w)^2 / sum w^2.
        z: the normal quantile.

    Returns:
        (lower, upper), inside [0, 1]; NaN where the size is 0.

    Example:
        >>> lower, upper = wilson(0.1, 100)
        >>> round(float(lower), 4), round(float(upper), 4)
        (0.0552, 0.1744)
    """
    share, size = np.asarray(share, float), np.asarray(size, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        center = (share + z * z / (2 * size)) / (1 + z * z / size)
        half = z * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
        lower, upper = np.clip(center - half, 0, 1), np.clip(center + half, 0, 1)
    # Exactly at the border where the share is: rounding must not leave the estimate outside its interval.
    return np.where(share == 0, 0.0, np.minimum(lower, share)) + 0 * center, \
        np.where(share == 1, 1.0, np.maximum(upper, share)) + 0 * center


def estimate(rate, counts, z=Z95):
    """A rate with its interval from counts; as `share`, on the counts of the four outcomes.

    Returns:
        (value, lower, upper, numerator, denominator): arrays of the counts' shape without the last axis; numerator and
        denominator are sums of weights. Value and bounds are NaN where the denominator is 0.
    """
    top, over, plain = _indicators(rate)
    if plain:
        hits, among = rate.numerator(counts), rate.over(counts)
        if _unweighted(hits) and _unweighted(among):
            value = _divided(hits[..., 1], among[..., 1]).clip(0, 1)
            return value, *wilson(value, among[..., 1], z), hits[..., 1], among[..., 1]
    outcomes = np.stack(np.broadcast_arrays(counts.tp, counts.fp, counts.tn, counts.fn), axis=-2)
    return share(outcomes, top, over, z)


def share(moments, top=(0, 1), over=(1, 1), z=Z95):
    """What outcomes count in a numerator among what they count in a denominator, with Wilson's interval.

    The effective size is share (1 - share) / variance. The variance is the larger of two: that of weights which have
    nothing to do with the outcomes, so that unweighted 0/1 rates get Wilson's very interval and weighted ones the size
    (sum w)^2 / sum w^2; and the linearised one, which counts on the weights of the outcomes that occurred. For F1 this
    is exactly Wilson's interval of tp / (tp + fp + fn), transformed. Where hits (or misses) are few, the bound on their
    side is Poisson's with gamma quantiles, if that lies further (Brown, Cai and DasGupta; Fay and Feuer): for 0/1 rates
    at up to two (effective) hits that weigh more than examples in general, for others at up to four.

    Args:
        moments: (..., outcomes, 3): n, sum of weights and sum of squared weights of each outcome.
        top, over: (outcomes,) how often each counts in numerator and denominator, 0 <= top <= over.
        z: the normal quantile.

    Returns:
        (value, lower, upper, numerator, denominator), arrays (...).

    Example: the share of positives among 90 negatives and 10 positives.
        >>> value, lower, upper, _, _ = share([[90, 90, 90], [10, 10, 10]])
        >>> round(float(value), 4), round(float(lower), 4), round(float(upper), 4)
        (0.1, 0.0552, 0.1744)
    """
    moments, top, over = np.asarray(moments, float), np.asarray(top, float), np.asarray(over, float)
    w, w2 = (np.ascontiguousarray(moments[..., k]) for k in (1, 2))
    numerator, denominator = w @ top, w @ over
    value = _divided(numerator, denominator).clip(0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        heaviness = (w2 @ (over > 0)) / (w @ (over > 0))  # what one effective example weighs
        squares = (top - value[..., None] * over) ** 2
        spread = value * (1 - value) * denominator**2
        size = np.fmin(spread / (heaviness * (squares * w).sum(-1)), spread / (squares * w2).sum(-1))
        size = np.where(value == 0, denominator / (heaviness * top.max()), size)
        size = np.where(value == 1, denominator / (heaviness * ((over - top).max() or 1)), size)
    lower, upper = wilson(value, np.where(denominator > 0, size, 0), z)
    plain = _is_plain(top, over)
    lower = np.minimum(lower, value * _poisson_bound(w, w2, top, heaviness, plain))
    upper = np.maximum(upper, 1 - (1 - value) * _poisson_bound(w, w2, over - top, heaviness, plain))
    return value, lower, upper, numerator, denominator


def linear(coefficients, values, lowers, uppers, correlations=None):
    """The interval of sum(c_i x_i), from intervals of the x_i, by MOVER.

    Args:
        coefficients, values, lowers, uppers: (..., k) each, or (..., k, 2) for k independent pairs of estimates that
            are correlated within the pair.
        correlations: (..., k) correlations of the two estimates of each pair; None for independent estimates.

    Returns:
        (value, lower, upper), each of shape (...).

    Example: two disjoint groups (Newcombe's method 10), 10 of 100 against 5 of 100.
        >>> low, high = wilson([0.1, 0.05], 100)
        >>> [round(float(x), 4) for x in linear([1, -1], [0.1, 0.05], low, high)]
        [0.05, -0.0263, 0.1296]
    """
    c, x = np.asarray(coefficients, float), np.asarray(values, float)
    down = np.abs(c) * np.where(c > 0, x - lowers, uppers - x)
    up = np.abs(c) * np.where(c > 0, uppers - x, x - lowers)
    down, up = (np.where(c == 0, 0.0, side) for side in (down, up))
    value = np.where(c == 0, 0.0, c * x)
    if correlations is None:
        return value.sum(-1), value.sum(-1) - np.sqrt((down**2).sum(-1)), value.sum(-1) + np.sqrt((up**2).sum(-1))
    signed = np.asarray(correlations, float) * np.sign(c[..., 0] * c[..., 1])
    value = value.sum((-2, -1))
    below, above = (np.sqrt(np.maximum((side**2).sum(-1) + 2 * signed * side[..., 0] * side[..., 1], 0).sum(-1))
                    for side in (down, up))
    return value, value - below, value + above


def mean_score(moments, sums, z=Z95):
    """A mean of scores in [0, 1] with its interval: Wilson's at the effective size mean (1 - mean) / variance.

    The variance is the larger of the two that `share` takes, computed with z^2 more examples, half of them of score 0
    and half of score 1, as Agresti and Coull add them; it is never above that of 0/1 scores with the same mean.

    Args:
        moments: (..., 3): n, sum w, sum w^2 of weights w.
        sums: (..., 4): sums of w s, w s^2, w^2 s and w^2 s^2 of scores s.

    Returns:
        (value, lower, upper), arrays (...); NaN where there is no weight.
    """
    w, w2 = np.moveaxis(np.asarray(moments, float), -1, 0)[1:]
    ws, wss, w2s, w2ss = np.moveaxis(np.asarray(sums, float), -1, 0)
    value = _divided(ws, w).clip(0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        full = w**2 / w2
        around = np.maximum(wss / w - value**2, w2ss / w2 - 2 * value * w2s / w2 + value**2).clip(0)
        drawn_in = (value * full + z * z / 2) / (full + z * z)
        variance = (around * full + z * z * drawn_in * (1 - drawn_in)) / (full + z * z - 1)
        size = np.where(w > 0, np.maximum(value * (1 - value) / variance, 1) * full, 0)
    return value, *wilson(value, size, z)


def calibration(moments, sums, z=Z95):
    """Mean score over mean label with its interval: MOVER on the logarithms, so that it stays positive.

    The correlation of the two means, where positive, is multiplied by k / (k + 2) at k effective positives, so that
    few of these do not make it look surer than it is.

    Args:
        moments: (..., 2, 3): n, sum w, sum w^2 of negatives and positives.
        sums: (..., 2, 4): sums of w s, w s^2, w^2 s and w^2 s^2 of scores s.

    Returns:
        (value, lower, upper), arrays (...); NaN where there is no positive.
    """
    moments, sums = np.asarray(moments, float), np.asarray(sums, float)
    mean = mean_score(moments.sum(-2), sums.sum(-2), z)
    label = share(moments, z=z)[:3]
    w2, w2s, w2ss = moments[..., 2].sum(-1), sums[..., 2].sum(-1), sums[..., 3].sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        together = sums[..., 1, 2] - mean[0] * moments[..., 1, 2] - label[0] * (w2s - mean[0] * w2)
        scores = w2ss - 2 * mean[0] * w2s + mean[0] ** 2 * w2
        labels = moments[..., 1, 2] * (1 - label[0]) ** 2 + moments[..., 0, 2] * label[0] ** 2
        positives = moments[..., 1, 1] ** 2 / moments[..., 1, 2]
        correlation = np.nan_to_num(together / np.sqrt(scores * labels), posinf=0, neginf=0).clip(-1, 1)
        correlation = np.where(correlation > 0, correlation * positives / (positives + 2), correlation)
        terms = [np.log(np.stack(pair, axis=-1))[..., None, :] for pair in zip(mean, label, strict=True)]
        value = _divided(mean[0], label[0])
        _, lower, upper = linear([1, -1], *terms, correlation[..., None])
        none = mean[0] == 0  # of which there is no logarithm
        return value, np.where(none, 0 * value, np.exp(lower)), np.where(none, mean[2] / label[1], np.exp(upper))


@functools.lru_cache(maxsize=256)
def _indicators(rate):
    top, over = rate.indicators()
    return top, over, _is_plain(top, over)


def _is_plain(top, over):
    """Whether each example counts once or not at all."""
    return bool(np.isin(np.concatenate([top, over]), (0, 1)).all())


def _unweighted(moments):
    return np.array_equal(moments[..., 0], moments[..., 1]) and np.array_equal(moments[..., 1], moments[..., 2])


def _divided(numerator, denominator):
    return np.divide(numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=denominator > 0)


def _poisson_bound(w, w2, hits, heaviness, plain):
    """The factor that takes a share to Poisson's lower bound where few hits made it; 1 elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        number = (w @ hits) ** 2 / (w2 @ hits**2)
        few = (number > 0) & (number <= (_FEW_HEAVY if plain else _FEW) * (1 + 1e-9))
        if plain:
            few &= (w2 @ hits) / (w @ hits) > heaviness * (1 + 1e-9)
    factor = np.ones(np.shape(number))
    if few.any():
        from scipy.special import gammaincinv

        factor[few] = gammaincinv(number[few], 0.05) / number[few]
    return factor
