"""Detectable gaps: what the data could have shown, so that silence is not taken for fairness."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairkit.arguments import is_number
from fairkit.counts.power import detectable_shift
from fairkit.counts.rates import OUTCOMES
from fairkit.counts.significance import sums_of, two_valued
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.gap_tables import compared_slices
from fairkit.evaluation.gaps import coefficients, gap

__all__ = ["detectable_gap"]

COLUMNS = ("slice", "reference", "class", "metric", "threshold", "detectable_gap", "gap", "lower", "upper", "base",
           "denominator", "reference_denominator", "power", "note")


def detectable_gap(evaluation, metric: str, threshold: float | None = None, reference: Mapping | None = None,
                   class_id: int | None = None, power: float = 0.8) -> pd.DataFrame:
    """The smallest gap of each slice that the score test at 5 % would have shown with the given power.

    The gap is one in the direction of worse (upward for rates without a direction). It takes the numbers of examples
    (with weights the effective ones) as they are, and the rate of the reference's examples outside the slice as what
    the slice would have without a gap. Against overall, or any slice that overlaps, that is a gap to the disjoint
    rest, scaled as the gap of `gap_table` is. By the normal approximation of the test's power: a guide, not a law,
    under some 30 examples.

    Args:
        evaluation: `Evaluation`.
        metric: one of the rates, or "accuracy".
        threshold, reference, class_id: as for `gap_table`.
        power: the chance of showing it, above .05 and below 1.

    Returns:
        A DataFrame with a row for each slice that has a reference: slice, reference, class, metric, threshold,
        detectable_gap (signed; NaN with a note where no gap is large enough), gap (the observed one) with lower and
        upper (its 95 % interval, that of `gap_table`), base (the rate of the reference's examples outside the slice),
        denominator, reference_denominator, power, note.

    Raises:
        FairkitError: for a power outside (.05, 1), a rate that knows more than hits and misses, and for what the
            evaluation does not have.

    Example: 20 of 199 are flagged; one would need about 20 % in the other group to see it.
        >>> import fairkit
        >>> from fairkit.evaluation.detectable import detectable_gap
        >>> examples = fairkit.Examples(labels=[0] * 398, groups={"color": ["orange", "blue"] * 199})
        >>> scores = [0.9] * 40 + [0.1] * 358
        >>> evaluation = fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.5])
        >>> float(detectable_gap(evaluation, "false_positive_rate")["detectable_gap"][0].round(3))
        0.05
        >>> gaps = detectable_gap(evaluation, "false_positive_rate", reference={"color": "blue"})
        >>> float(gaps["detectable_gap"][0].round(3))
        0.1
    """
    if not is_number(power) or not 0.05 < power < 1:
        raise FairkitError("the power lies outside its range", "a number above 0.05 and below 1, such as 0.8",
                           quote(power))
    keys, references, parts = compared_slices(evaluation, reference)
    names = {"slice": [slice_name(key) for key in keys], "reference": [slice_name(key) for key in references]}
    frames = []
    for rate, counts, class_, at in evaluation.counts_of(metric, threshold, class_id):
        block = _block(rate, counts.over(parts), metric, power)
        frames.append(pd.DataFrame({**names, **block, "class": np.full(len(keys), class_, object), "metric": metric,
                                    "threshold": np.full(len(keys), at), "power": float(power)}, columns=COLUMNS))
    return pd.concat(frames, ignore_index=True)


def _block(rate, parts, metric, power):
    """Columns from counts of the three parts, (pairs, 3, 3)."""
    kinds, sums = two_valued(rate), sums_of(rate, parts)
    if kinds is None:
        raise FairkitError(f"the power for {quote(metric)} is not known",
                           "a rate that counts each example as a hit or not",
                           quote(metric))
    table = np.stack([getattr(parts, name) for name in OUTCOMES], -1)
    hits, misses = (table[..., kind[0]].sum(-1) for kind in kinds)
    n, sizes, squares = np.moveaxis(hits + misses, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = sizes**2 / (squares * sums.heaviness()[:, None])
        found, base = _detectable(kinds, hits[..., 1], sizes, effective, -1 if rate.better == "higher" else 1, power)
    size, other_size = sums.over[:, 0] + sums.over[:, 1], sums.over[:, 1] + sums.over[:, 2]
    too_small = np.array([f"no gap is large enough to be shown ({rate.among}: {k:.0f})" for k in n[:, :2].sum(-1)],
                         object)
    note = np.select(
        [size <= 0, other_size <= 0, (coefficients(sizes) == 0).all(-1), np.isnan(found)],
        [f"undefined: no {rate.among} in this slice", f"undefined: no {rate.among} in the reference",
         f"no test: slice and reference hold the same {rate.among}", too_small], "")
    observed = dict(zip(("gap", "lower", "upper"), gap(rate, parts), strict=True))
    return {"detectable_gap": found, **observed, "base": base, "denominator": size,
            "reference_denominator": other_size, "note": note}


def _detectable(kinds, hits, sizes, effective, direction, power):
    """(gaps, rates without a gap), (pairs,) each, from sums of weights of the parts, (pairs, 3)."""
    # In the slice are the parts 0 and 1; where the reference has nothing outside it, only part 0 can differ.
    rest = np.where(sizes[:, 2:] > 0, [[False, False, True]], [[False, True, False]])
    moved = ~rest & (sizes > 0)
    base = np.where(rest, hits, 0).sum(-1) / np.where(rest, sizes, 0).sum(-1)
    shift = detectable_shift(base, direction, sizes, effective, coefficients(sizes), moved, power)
    shares = base[:, None] + shift[:, None] * moved
    tops, overs = (sizes * amount for amount in _amounts(shares, kinds))
    inside, outside = (tops[:, rows].sum(-1) / overs[:, rows].sum(-1) for rows in ([0, 1], [1, 2]))
    top, over = _amounts(base, kinds)
    return inside - outside, top / over


def _amounts(share, kinds):
    """What an average example adds to numerator and denominator, of which so many are hits."""
    (_, *hit), (_, *miss) = kinds
    return (share * a + (1 - share) * b for a, b in zip(hit, miss, strict=True))
