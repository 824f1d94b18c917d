"""What `describe` found."""

import math
from dataclasses import dataclass, field

import pandas as pd

from fairkit.analysis.imbalance_result import Imbalance
from fairkit.handed_out import handing_out

__all__ = ["COLUMNS", "Description"]

COLUMNS = ("slice", "by", "value", "class", "n", "weight", "share", "positives", "negatives", "positive_share", "lower",
           "upper", "detectable_false_positive_rate_gap", "detectable_false_negative_rate_gap", "cannot_judge")


@handing_out("frame")
@dataclass(frozen=True)
class Description:
    """A data set by group and label; `print` shows it in short.

    Attributes:
        frame: a DataFrame with a row for each slice and class, overall first:

            - slice: its name, as an evaluation names it; by, value: its columns and their values, with commas between;
            - class: the class that counts as positive, against the rest; None for labels 0 and 1;
            - n, weight, share: examples, the sum of their weights (n without weights), its share of all;
            - positives, negatives: examples; positive_share, lower, upper: by weight, with a 95 % Wilson interval;
            - detectable_false_positive_rate_gap, detectable_false_negative_rate_gap: the smallest amount by which the
              rate of the group would have to exceed that of all other examples, were that `base_rate`, for the score
              test at 5 % to show it with power .8; NaN where none is large enough. By a normal approximation: a guide,
              not a law, under some 30 examples;
            - cannot_judge: the error rates for which there are fewer than `min_examples` negatives or positives.
        keys: the slices as tuples of (column, value text), each once, in the order of the frame.
        examples: their number.
        classes: (None,) for labels 0 and 1, else the classes.
        missing: dict of group column -> examples without a value in it; these are in none of its slices.
        inputs: dict of what stands out in the inputs -> examples.
        weighted: whether the examples have weights.
        min_examples, base_rate: as they were given.
        not_crossed: group columns with too many values to be crossed with others without being asked.
        imbalance: `Imbalance` of the ways of slicing, and of each column crossed with a binary label.
    """

    frame: pd.DataFrame = field(repr=False)
    keys: tuple = field(repr=False)
    examples: int
    classes: tuple
    missing: dict
    inputs: dict
    weighted: bool
    min_examples: int
    base_rate: float
    not_crossed: tuple = ()
    imbalance: Imbalance | None = field(default=None, repr=False)

    @property
    def too_small(self):
        """The rows of `frame` with too few positives or negatives, the smallest group first."""
        rows = self.frame[self.frame["cannot_judge"] != ""]
        return rows.sort_values("n", kind="stable").reset_index(drop=True)

    def to_dict(self):
        """Everything as plain values for JSON; what is undefined is None.

        Example:
            >>> import fairkit
            >>> examples = fairkit.Examples(labels=[0, 1], groups={"color": ["blue", None]})
            >>> described = fairkit.analysis.describe(examples).to_dict()
            >>> described["missing"], described["slices"][1]["slice"], described["slices"][1]["positive_share"]
            ({'color': 1}, 'color:blue', 0.0)
        """
        return {"examples": self.examples, "weighted": self.weighted,
                "classes": None if self.classes == (None,) else list(self.classes),
                "min_examples": self.min_examples, "base_rate": self.base_rate, "missing": self.missing,
                "inputs": self.inputs, "not_crossed": list(self.not_crossed),
                "imbalance": None if self.imbalance is None else self.imbalance.to_dict(),
                "slices": [{name: _plain(value) for name, value in row.items()}
                           for row in self.frame.to_dict("records")]}

    def __str__(self):
        from fairkit.view.analysis_text import imbalance_summary
        from fairkit.view.description import description_text

        return "\n".join([description_text(self), *imbalance_summary(self.imbalance)])

    def _repr_html_(self):
        from fairkit.view.analysis_text import imbalance_summary, paragraphs
        from fairkit.view.description import description_html

        return description_html(self) + paragraphs(imbalance_summary(self.imbalance))


def _plain(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value
