"""Reading a comparison: one pair of thresholds, and the rows of its tables that are asked for."""

from fairkit.arguments import is_number
from fairkit.counts.slices import slice_name
from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.families import families_by
from fairkit.evaluation.matching import Match
from fairkit.handed_out import kept

__all__ = ["compared_rows", "match_at", "meant_thresholds"]

TABLES = ("frame", "got_worse", "levelling_down")


def match_at(comparison, threshold: float | None = None, class_id: int | None = None,
             thresholds: str = "matched") -> Match:
    """The pair of thresholds that belongs to a threshold of `before`, with the overall rates achieved at it.

    Args:
        comparison: `Comparison`.
        threshold: one of those compared; None where there is only one, or where there is none.
        class_id: the class that is judged against the rest; None where there is only one.
        thresholds: "matched" (the given ones where the comparison was given some), "unchanged" or "given".

    Returns:
        `Match`: kind, class_id, before, after, rate_before, rate_after.

    Raises:
        FairkitError: for a threshold, class or kind of thresholds that was not compared.

    Example:
        >>> import fairkit
        >>> examples = fairkit.Examples(labels=[0] * 4, groups={})
        >>> before, after = (fairkit.evaluate(s, examples, (), [.5]) for s in ([.1, .2, .8, .9], [.3, .4, .1, .6]))
        >>> fairkit.compare(before, after).match(0.5).after
        0.3
    """
    kind = meant_thresholds(comparison, thresholds)
    found = [match for match in comparison.matches if match.kind == kind]
    classes = list(dict.fromkeys(match.class_id for match in found))
    if class_id is not None or len(classes) > 1:
        _check_class(comparison, class_id)
        found = [match for match in found if match.class_id == class_id]
    if threshold is not None or len(found) > 1:
        _check_threshold(comparison, threshold)
        found = [match for match in found if match.before == threshold]
    if not found:
        raise FairkitError(f"no threshold could be matched to {threshold:g}: the overall rate there is undefined",
                           'thresholds="unchanged"', quote(threshold))
    return found[0]


def compared_rows(comparison, thresholds: str | None = "matched", threshold: float | None = None,
                  class_id: int | None = None, slice: str | None = None, by=None, of: str = "frame"):
    """The rows of a table of the comparison for one kind of thresholds, one threshold, class, slice or feature.

    Args:
        comparison: `Comparison`.
        thresholds: "matched" (the given ones where the comparison was given some, and all rows where there is no
            threshold: accuracy of several classes), "unchanged" or "given"; None for all.
        threshold: one of `before`; None for all.
        class_id: one of the classes; None for all.
        slice: the name of a slice; None for all.
        by: a feature, a tuple of features (their cross), or a list of these: their slices only; None for all.
        of: which table: "frame", "got_worse" or "levelling_down".

    Returns:
        A DataFrame with the columns of that table.

    Raises:
        FairkitError: for a threshold, class, slice, feature or table that the comparison does not have.
    """
    if of not in TABLES:
        raise FairkitError(f"a comparison has no table {quote(of)}", nearest(of, TABLES), quote(of))
    keys = comparison.before.keys
    names = [slice_name(key) for key in keys]
    if slice is not None and slice not in names:
        raise FairkitError(f"this comparison has no slice {quote(slice)}", nearest(slice, names), quote(slice))
    if threshold is not None:
        _check_threshold(comparison, threshold)
    if class_id is not None:
        _check_class(comparison, class_id)
    kind = None if thresholds is None else meant_thresholds(comparison, thresholds)
    rows = kept(comparison, of)
    for column, value in (("thresholds", kind), ("threshold_before", threshold), ("class", class_id), ("slice", slice)):
        if value is not None:
            rows = rows[rows[column] == value]
    if by is not None:
        wanted = {slice_name(key) for found in families_by(keys, by).values() for key in found}
        rows = rows[rows["slice"].isin(wanted)]
    return rows.reset_index(drop=True)


def meant_thresholds(comparison, thresholds):
    """The kind of thresholds that is meant, among those that were compared: "matched" also means the given ones where
    the comparison was given some, and "unchanged" where it has no threshold.

    Raises:
        FairkitError: for a kind that was not compared.
    """
    kinds = list(dict.fromkeys(match.kind for match in comparison.matches))
    if thresholds == "matched" and (kinds == ["given"] or comparison.matches[0].before is None):
        return kinds[0]
    if thresholds not in kinds:
        raise FairkitError(f"this comparison has no {thresholds} thresholds", nearest(thresholds, kinds),
                           quote(thresholds))
    return thresholds


def _check_threshold(comparison, threshold):
    known = sorted({match.before for match in comparison.matches if match.before is not None})
    if not known:
        raise FairkitError("accuracy of several classes has no threshold", "threshold=None", quote(threshold))
    if threshold is None:
        raise FairkitError("this comparison has several thresholds", f"one of {known}", "threshold=None")
    if threshold not in known:
        near = "one " if not is_number(threshold) else \
            f"{min(known, key=lambda t: abs(t - threshold)):g} (the nearest), or another "
        raise FairkitError("this threshold was not compared", f"{near}of {known}", quote(threshold))


def _check_class(comparison, class_id):
    known = list(dict.fromkeys(match.class_id for match in comparison.matches))
    if known == [None]:
        raise FairkitError("this comparison is of no single class", "class_id=None", quote(class_id))
    if class_id not in known:
        wrong = "this comparison has several classes" if class_id is None else "this comparison has no such class"
        raise FairkitError(wrong, f"one of {known}", f"class_id={quote(class_id)}")
