"""The table of gaps: a row for each slice that has a reference, with difference, ratio and test."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairkit.counts.atom_sets import Parts
from fairkit.counts.intervals import estimate
from fairkit.counts.significance import holm, score_test, sums_of
from fairkit.counts.slices import sets_of, slice_name
from fairkit.errors import FairkitError, quote
from fairkit.evaluation.auc_gaps import auc_blocks
from fairkit.evaluation.families import families_of
from fairkit.evaluation.gaps import coefficients, gap, ratio
from fairkit.evaluation.specs import checked_reference, reference_of
from fairkit.evaluation.table import too_few

__all__ = ["compared_slices", "gap_table", "gaps_between"]

COLUMNS = ("slice", "reference", "class", "metric", "threshold", "value", "reference_value", "gap", "lower", "upper",
           "ratio", "ratio_lower", "ratio_upper", "p_value", "p_adjusted", "denominator", "reference_denominator",
           "note")


def gap_table(evaluation, metric: str, threshold: float | None = None, reference: Mapping | None = None,
              class_id: int | None = None) -> pd.DataFrame:
    """How far each slice's rate lies above (positive) or below (negative) its reference's.

    Args:
        evaluation: `Evaluation`.
        metric: one of the rates, "accuracy" or "auc".
        threshold: one of the evaluation's; None for all of them.
        reference: a dict that names a slice, such as {"color": "blue"}; on a cross it compares each cell with the
            cell that differs only in that. None compares with overall.
        class_id: one of the evaluation's classes; None for all of them.

    Returns:
        A DataFrame with a row for each slice that has a reference: slice, reference, class, metric, threshold, value,
        reference_value, gap (slice minus reference) with lower and upper, ratio (slice over reference) with
        ratio_lower and ratio_upper, p_value, p_adjusted, denominator, reference_denominator, note.

        Intervals (95 %): of the gap Newcombe's for disjoint slices, and MOVER on the disjoint parts for overlapping
        ones; of the ratio Donner and Zou's, with the same parts. p_value is the two-sided score test's (for two
        disjoint slices the chi-square test's); p_adjusted is Holm's over all slices of the same features at one
        class, metric and threshold. The test and the interval are made differently and may part at the border; what
        fairkit says in words follows the intervals. Missing values have their reason in note; slices with fewer
        examples in the denominator than the evaluation's min_examples keep their numbers and are marked there.

    Raises:
        FairkitError: for a metric, threshold, class or reference that this evaluation does not have.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.gap_tables import gap_table
        >>> examples = fairkit.Examples(labels=[0] * 8, groups={"color": ["orange", "blue"] * 4})
        >>> scores = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.2, 0.8]
        >>> evaluation = fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.5])
        >>> gaps = gap_table(evaluation, "false_positive_rate", reference={"color": "blue"})
        >>> gaps[["slice", "value", "reference_value", "gap", "ratio"]].values.tolist()
        [['color:orange', 0.75, 0.25, 0.5, 3.0]]
        >>> round(float(gaps["p_value"][0]), 4)
        0.1573
    """
    return _gaps(evaluation, metric, *compared_slices(evaluation, reference), threshold, class_id)


def gaps_between(evaluation, metric, pairs):
    """`gap_table` for pairs of any slices.

    Args:
        pairs: (slice key, key of its reference) pairs: gaps are the first's rate minus the second's.
    """
    atoms, keys, references = evaluation.cells.atoms, [key for key, _ in pairs], [key for _, key in pairs]
    return _gaps(evaluation, metric, keys, references, _parts(atoms, sets_of(atoms, keys), references))


def _gaps(evaluation, metric, keys, references, parts, threshold=None, class_id=None):
    least = evaluation.min_examples
    if metric == "auc":
        blocks = auc_blocks(evaluation, keys, parts, class_id)
    else:
        blocks = ({**_rate_block(rate, counts, parts, least), "class": class_, "threshold": at}
                  for rate, counts, class_, at in evaluation.counts_of(metric, threshold, class_id))
    names = {"slice": [slice_name(key) for key in keys], "reference": [slice_name(key) for key in references]}
    return _table(metric, keys, [{**names, **block} for block in blocks])


def compared_slices(evaluation, reference):
    """The slices that have a reference: (keys, keys of the references, `Parts` of both)."""
    atoms, reference = evaluation.cells.atoms, checked_reference(reference, evaluation.cells.atoms)
    pairs = [(i, ref) for i, key in enumerate(evaluation.keys) if (ref := reference_of(key, reference)) is not None]
    hidden = evaluation.too_small(dict.fromkeys(ref for _, ref in pairs))
    pairs = [(i, ref) for i, ref in pairs if ref not in hidden]
    if not pairs and atoms.features and len(evaluation.keys) == 1:
        raise FairkitError("there is no slice to compare: no example has a value", f"values of {list(atoms.features)}",
                           "empty cells only")
    if not pairs:
        raise FairkitError("no slice of this evaluation can be compared with the reference",
                           f"a reference on features that are sliced: {list(atoms.features)}",
                           quote(reference or "overall"))
    positions = [i for i, _ in pairs]
    references = [ref for _, ref in pairs]
    return ([evaluation.keys[i] for i in positions], references,
            _parts(atoms, evaluation.members[positions], references))


def _parts(atoms, slices, references):
    distinct = {key: place for place, key in enumerate(dict.fromkeys(references))}
    return Parts(slices, sets_of(atoms, distinct), [distinct[key] for key in references])


def _table(metric, keys, blocks):
    """Blocks of columns, one for each class and threshold, as one table with adjusted p-values.

    A block needs slice, reference, value, reference_value, gap, lower, upper, p_value and note, (pairs,) each, class
    and threshold (NaN for none), single values; other columns that it leaves out are missing.
    """
    families, frames = families_of(keys).values(), []
    for block in blocks:
        adjusted = np.full(len(keys), np.nan)
        for positions in families:
            adjusted[positions] = holm(block["p_value"][positions])
        frames.append(pd.DataFrame({**dict.fromkeys(COLUMNS, np.full(len(keys), np.nan)), **block, "metric": metric,
                                    "class": np.full(len(keys), block["class"], object), "p_adjusted": adjusted,
                                    "threshold": np.full(len(keys), block["threshold"])}, columns=COLUMNS))
    return pd.concat(frames, ignore_index=True)


def _rate_block(rate, counts, parts, least):
    """The columns of one rate's counts by atom, (atoms, 3)."""
    in_parts, in_slices = counts.over(parts), counts.over(parts.slices)
    in_others = counts.over(parts.references).take(parts.of)
    value, lower, upper = gap(rate, in_parts)
    own, _, _, _, size = estimate(rate, in_slices)
    other, _, _, _, other_size = estimate(rate, in_others)
    quotient, quotient_lower, quotient_upper = ratio(rate, in_parts)
    _, p_value = score_test(rate, in_parts, coefficients(sums_of(rate, in_parts).over))
    missing = f"undefined: no {rate.among} in"
    note = np.select([size <= 0, other_size <= 0], [f"{missing} this slice", f"{missing} the reference"],
                     "").astype(object)
    too_few(note, sums_of(rate, in_slices).members, rate.among, least)
    too_few(note, sums_of(rate, in_others).members, f"{rate.among} in the reference", least)
    for absent, why in ((p_value, f"no test: slice and reference hold the same {rate.among}"),
                        (quotient, "no ratio: the reference's value is 0")):
        rows = np.isnan(absent) & ~np.isnan(value)
        note[rows] = [f"{said}; {why}" if said else why for said in note[rows]]
    return {"value": own, "reference_value": other, "gap": value, "lower": lower, "upper": upper, "ratio": quotient,
            "ratio_lower": quotient_lower, "ratio_upper": quotient_upper, "p_value": p_value, "denominator": size,
            "reference_denominator": other_size, "note": note}
