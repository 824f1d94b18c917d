"""Any gap: one test for each feature or cross of whether its slices differ at all."""

import numpy as np
import pandas as pd

from fairkit.counts.homogeneity import homogeneity
from fairkit.errors import FairkitError
from fairkit.evaluation.families import families_of, family_name

__all__ = ["any_gap", "families_to_ask"]

COLUMNS = ("slices", "compared", "class", "metric", "threshold", "statistic", "degrees_of_freedom", "p_value",
           "method", "note")


def any_gap(evaluation, metric: str, threshold: float | None = None, class_id: int | None = None) -> pd.DataFrame:
    """Tests, for each feature or cross, whether there is any gap among its slices.

    One question, one p-value: nothing has to be adjusted for the number of slices. Disjoint slices: the chi-square
    test of homogeneity; where an expected count is under 5, against its exact conditional distribution, simulated with
    9,999 seeded draws (fewer for more than 1,000 slices). Overlapping slices (examples with several values): the
    largest standardised difference between a slice and the union of all, simulated as well. With weights by the
    effective numbers of examples.

    Args:
        evaluation: `Evaluation`.
        metric: one of the rates, or "accuracy".
        threshold: one of the evaluation's; None for all of them.
        class_id: one of the evaluation's classes; None for all of them.

    Returns:
        A DataFrame with a row for each feature or cross, class and threshold: slices ("color", "color_X_digit"),
        compared (how many of its slices have a denominator), class, metric, threshold, statistic, degrees_of_freedom
        (NaN for the largest difference), p_value, method, note (why there is no test).

    Raises:
        FairkitError: for a metric, threshold or class that this evaluation does not have, or one without slices.

    Example:
        >>> import fairkit
        >>> from fairkit.evaluation.gap_tests import any_gap
        >>> examples = fairkit.Examples(labels=[0] * 40, groups={"color": ["orange", "blue"] * 20})
        >>> scores = [0.9, 0.1] * 12 + [0.1, 0.1] * 8
        >>> evaluation = fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.5])
        >>> any_gap(evaluation, "false_positive_rate")[["slices", "compared", "p_value"]].round(4).values.tolist()
        [['color', 2, 0.0]]
    """
    families, rows = families_to_ask(evaluation), []
    for rate, counts, class_, at in evaluation.counts_of(metric, threshold, class_id):
        for features, positions in families.items():
            found = homogeneity(rate, counts, evaluation.members[positions])
            left_out = len(positions) - found.compared
            notes = [f"no test: {found.why}"] if found.why else []
            if left_out:
                notes.append(f"{left_out} without {rate.among} left out")
            rows.append((family_name(features), found.compared, class_, metric, at, found.statistic, found.freedom,
                         found.p_value, found.method, "; ".join(notes)))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["class"] = np.array([row[2] for row in rows], object)  # None and class ids stay what they are
    return frame


def families_to_ask(evaluation):
    """`families_of` an evaluation's slices; refuses an evaluation that has overall alone."""
    families = families_of(evaluation.keys)
    if not families:
        raise FairkitError("this evaluation has no slices to compare", "slices=[...] in fairkit.evaluate", "overall")
    return families
