"""Generalized entropy (alpha = 2) of what predictions give to examples, whatever their facet.

Source: Speicher et al. 2018 (KDD, A Unified Approach to Quantifying Algorithmic Unfairness).
"""

import numpy as np

from fairkit.bias.found import Found

__all__ = ["generalized_entropy"]

_DRAWS = 4_000
KIND = "Jeffreys draws of the outcomes; how large it is, not whether it is 0"


def generalized_entropy(sides, seed=0):
    """GE, (values, thresholds): half the squared coefficient of variation of the benefits 0 (false negatives), 1
    (right predictions) and 2 (false positives) of all examples, those without a facet value included."""
    totals = {name: getattr(sides.counts, name).sum(0) for name in ("tp", "fp", "tn", "fn")}
    moments = np.stack([totals["fn"], totals["tp"] + totals["tn"], totals["fp"]], -2)  # (thresholds, benefit, 3)
    weights = moments[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _entropy(weights)
        effective = weights * (weights.sum(-1) / moments[..., 2].sum(-1))[..., None]
    known = ~np.isnan(value)
    draws = np.random.default_rng([seed, 23]).standard_gamma(np.where(known[:, None], effective, 0) + 0.5,
                                                             (_DRAWS, *effective.shape))
    lower, upper = np.quantile(_entropy(draws), (0.025, 0.975), axis=0)
    lower, upper = np.where(known, np.fmin(lower, value), np.nan), np.where(known, np.fmax(upper, value), np.nan)
    note = np.where(known, "of all examples, whatever their facet", "undefined: all predictions are false negatives")
    shape = (len(sides.texts), len(value))
    return Found(*(np.broadcast_to(x, shape) for x in (value, lower, upper, note.astype(object))), KIND, judged=False)


def _entropy(weights):
    """Of sums of weights by benefit 0, 1, 2: (..., 3)."""
    total = weights.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = weights @ np.arange(3.0) / total
        # Squared deviations, not a difference of squares: 0 for perfect predictions
        spread = (weights * (np.arange(3.0) - mean[..., None]) ** 2).sum(-1) / total
        return np.where(mean > 0, spread / (2 * mean**2), np.nan)
