"""Sweep: what many trainings gave, and how to choose among them."""

from dataclasses import replace

import pandas as pd

from fairkit.errors import FairkitError, nearest, quote
from fairkit.handed_out import handing_out
from fairkit.remediation.sweeps.by_group import fitted_by_group
from fairkit.remediation.sweeps.choice import Choice, choose
from fairkit.remediation.sweeps.folder import SweepFolder
from fairkit.remediation.sweeps.plan import CONTROL
from fairkit.remediation.sweeps.rows import rows_of
from fairkit.remediation.sweeps.table import front_of, table_of
from fairkit.remediation.sweeps.training import MODEL, with_pairs

__all__ = ["Sweep"]


@handing_out("table", "rows")
class Sweep:
    """The candidates of a sweep, measured on its validation split; made by `fairkit.sweep` or `load_sweep`.

    Attributes:
        table: a DataFrame with a row for each candidate, the control first: candidate, penalty (the sum of its
            penalties' weights), seeds, failed, and as means over the seeds with their 95 % intervals (`_lower`,
            `_upper`): gap (the largest one, at the threshold where the model has the control's overall rate),
            gap_change (against the control of the same seed), gap_unchanged (at the control's threshold), auc_change,
            accuracy_change; the means auc and accuracy; note (why trainings failed). The intervals are Student's over
            seeds: they say what other seeds would change, and nothing about other examples.
        rows: a DataFrame with a row for each candidate and seed: candidate, seed, gap, slice and class (where the gap
            is), threshold_control and threshold (at which both were judged), overall_control and overall (their overall
            rates there), gap_unchanged, auc, accuracy, seconds, error.
        candidates: a list of `Candidate`s: name, options (of `fairkit.remediate`), group_thresholds.
        seeds: a list of whole numbers.
        gap: `Gap`: how the gap is measured.
        folder: the `pathlib.Path` in which models and predictions are.
    """

    def __init__(self, folder, candidates, seeds, gap, errors=None, source=None, keep=None):
        self._folder = folder if isinstance(folder, SweepFolder) else SweepFolder(folder)
        self.folder, self.candidates, self.seeds, self.gap = self._folder.path, list(candidates), list(seeds), gap
        self._errors, self._source, self._keep = dict(errors or {}), source, keep
        self.rows = rows_of(self._folder, self.candidates, self.seeds, gap, self._errors)
        self.table = table_of(self.candidates, self.rows)

    def front(self, quality: str = "auc") -> pd.DataFrame:
        """The rows of the table that no other row beats in both the mean gap and the mean quality, by gap.

        Args:
            quality: "auc" or "accuracy".
        """
        return front_of(self.table, quality)

    def choose(self, max_gap: float | None = None, max_quality_loss: float | None = None, quality: str = "auc",
               intervals: bool = True) -> Choice:
        """The mildest candidate that meets both limits with its interval; or how near the best came.

        A candidate meets them if the upper end of its gap's interval is at most `max_gap`, and the lower end of the
        interval of its quality's change against the control is a loss of at most `max_quality_loss`. One that failed
        with any seed is not judged. The mildest is, in this order: the control; what needs no group at prediction time
        before what does (thresholds by group); the smaller penalty (the sum of the loss weights; reweighting and
        balancing have none); the smaller mean loss of quality; what was named first. Weights of different losses are
        compared as the numbers that they are.

        Args:
            max_gap: from 0 to 1, or None for no limit.
            max_quality_loss: from 0 to 1, or None for no limit.
            quality: "auc" or "accuracy".
            intervals: False goes by the means alone, which is all that there is with a single seed.

        Returns:
            `Choice`: true if there is a candidate, and printed it says what was found.

        Raises:
            FairkitError: for no limit, limits out of range, and one seed where intervals are asked for.
        """
        return choose(self.table, self.candidates, max_gap, max_quality_loss, quality, intervals)

    def measured(self, **changes) -> "Sweep":
        """The same trainings with the gap measured in another way: any fields of `Gap`, such as metric or threshold."""
        known = vars(self.gap)
        for name in changes:
            if name not in known:
                raise FairkitError(f"a gap has no {quote(name)}", nearest(name, known), quote(name))
        if changes.get("threshold") is not None:
            changes.setdefault("overall_rate", None)
        if changes.get("overall_rate") is not None:
            changes.setdefault("threshold", None)
        gap = replace(self.gap, **changes)
        done = next((p for p in self.predictions(CONTROL).values()), None)
        return Sweep(self._folder, self.candidates, self.seeds, gap if done is None else gap.checked(done),
                     self._errors, self._source, self._keep)

    def models(self, which) -> dict:
        """dict of seed -> trained `keras.Model` of a candidate (its name, or a `Choice`); without failed ones.

        The model of a candidate with thresholds by group comes without these: see `group_thresholds`.
        """
        return self._each_seed(which, self._folder.model)

    def model_path(self, which, seed: int):
        """The `pathlib.Path` of the .keras file of a candidate (its name, or a `Choice`) with one seed."""
        candidate = self._candidate(which)
        if seed not in self.seeds or not self._folder.finished(candidate.training, seed):
            done = list(self.settings(which))
            raise FairkitError(f"{quote(candidate.name)} has no model of seed {quote(seed)}",
                               f"one of the seeds {done}",
                               quote(seed))
        return self._folder.place(candidate.training, seed) / MODEL

    def predictions(self, which) -> dict:
        """dict of seed -> `Predictions` of the validation split by a candidate (its name, or a `Choice`)."""
        return self._each_seed(which, self._folder.predictions)

    def settings(self, which) -> dict:
        """dict of seed -> what `Remediation.settings` holds of a candidate (its name, or a `Choice`)."""
        return self._each_seed(which, lambda *run: self._folder.run(*run)["settings"])

    def group_thresholds(self, which) -> dict:
        """dict of seed -> `GroupThresholds` of a candidate that has such, fitted on the whole validation split."""
        candidate = self._candidate(which)
        if candidate.group_thresholds is None:
            raise FairkitError(f"{quote(candidate.name)} has no thresholds by group",
                               "a candidate with group_thresholds",
                               quote(candidate.name))
        controls = self.predictions(CONTROL)
        return {seed: fitted_by_group(found, candidate.group_thresholds, self.gap, controls[seed])
                for seed, found in self.predictions(which).items() if seed in controls}

    def refit(self, which, train, seed: int = 0, **options):
        """Trains a candidate (its name, or a `Choice`) on other examples, such as training and validation split as one.

        Args:
            which: the name of a candidate, or a `Choice`.
            train: `Examples`.
            seed, options: for `fairkit.remediate`; options take the place of the candidate's.

        Returns:
            `Remediation`. Thresholds by group are not fitted: they need examples that the model has not seen.
        """
        from fairkit.remediation.remediating import remediate
        from fairkit.remediation.sweeps.stored_model import source_of

        candidate = self._candidate(which)
        source = source_of(self.folder, self.seeds[0]) if self._source is None else self._source
        return remediate(source, train, **{**with_pairs(candidate.options, train, seed), "seed": seed, **options})

    def plot(self, quality: str = "auc", **options):
        """The candidates by gap and quality, as `fairkit.view.plot_front` draws them."""
        from fairkit.view import plot_front

        return plot_front(self, quality, **options)

    def _each_seed(self, which, get):
        training = self._candidate(which).training
        return {seed: get(training, seed) for seed in self.seeds if self._folder.finished(training, seed)}

    def _candidate(self, which):
        if isinstance(which, Choice):
            if not which:
                raise FairkitError("nothing was chosen", "a choice that meets its limits, or the name of a candidate",
                                   f"a choice without a candidate; the nearest is {quote(which.nearest)}")
            which = which.name
        by_name = {candidate.name: candidate for candidate in self.candidates}
        if which not in by_name:
            raise FairkitError(f"no candidate {quote(which)}", nearest(which, by_name), quote(which))
        return by_name[which]

    def __str__(self):
        from fairkit.view.sweep_text import sweep_text

        return sweep_text(self)

    def __repr__(self):
        return f"Sweep({len(self.candidates)} candidates, seeds {self.seeds})"
