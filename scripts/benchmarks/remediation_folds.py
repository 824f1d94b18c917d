"""Out-of-fold predictions of many trainings, and those of folds within folds by which settings are chosen.

A text is predicted by models that were not trained on its fold. What is chosen for a fold is chosen without that fold:
by models that were trained on three of the other four folds each and predict the fourth. A model without the folds
j and k serves both: fold j when it is chosen for k, and fold k when it is chosen for j. So ten such models, not twenty,
are enough.
"""

from itertools import combinations

import numpy as np
import pandas as pd

import fairkit
from fairkit.predictions import Predictions
from fairkit.remediation.sweeps.choice import choose
from fairkit.remediation.sweeps.measures import Gap, measured
from fairkit.remediation.sweeps.table import table_of

FOLDS = 5


def folds_of(examples, columns, seed=0):
    """(n,) the fold of each example; labels and groups have nearly the same shares in each."""
    strata = examples._strata(["label", *columns])
    order = np.random.default_rng(seed).permutation(len(examples))
    order = order[np.argsort(strata[order], kind="stable")]
    fold = np.empty(len(examples), int)
    fold[order] = np.arange(len(examples)) % FOLDS
    return fold


class CrossValidation:
    """Trainings of a table of examples in folds, kept in a folder.

    Args:
        examples: `Examples`.
        fold: (n,) the fold of each.
        model_of: a function from training examples to an uncompiled model.
        gap: arguments of `fairkit.sweep` that say what gap is measured.
        shared: arguments of `fairkit.remediate` for all trainings.
        folder: a `pathlib.Path`.
    """

    def __init__(self, examples, fold, model_of, gap, shared, folder, jobs=None):
        self.examples, self.fold, self.model_of, self.folder, self.jobs = examples, fold, model_of, folder, jobs
        self.gap, self.shared = gap, shared

    def without(self, held_out, methods, seeds):
        """The sweep of models that were trained without some folds, which predict these."""
        inside = np.isin(self.fold, held_out)
        train, rest = (self.examples.take(np.flatnonzero(rows)) for rows in (~inside, inside))
        name = "without-" + "-".join(map(str, held_out))
        return fairkit.sweep(self.model_of(train), train, validation=rest, methods=methods, seeds=seeds,
                             folder=self.folder / name, jobs=self.jobs, **self.gap, **self.shared)

    def within(self, methods, seeds):
        """dict of (fold k, name, seed) -> `Predictions` of all examples outside fold k, by models without k."""
        parts = {pair: self.without(pair, methods, seeds) for pair in combinations(range(FOLDS), 2)}
        scores = {pair: {(name, seed): found.scores for name in ("control", *methods)
                         for seed, found in sweep.predictions(name).items()} for pair, sweep in parts.items()}
        made = {}
        for k in range(FOLDS):
            outside = np.flatnonzero(self.fold != k)
            for name in ("control", *methods):
                for seed in seeds:
                    whole = np.full(len(self.examples), np.nan)
                    for pair in parts:
                        if k in pair:
                            rows = np.flatnonzero(np.isin(self.fold, pair))
                            other = self.fold[rows] != k
                            whole[rows[other]] = scores[pair][name, seed][other]
                    made[k, name, seed] = self._predictions(outside, whole[outside])
        return made

    def out_of_fold(self, methods_of_fold, seeds):
        """dict of name -> dict of seed -> `Predictions` of all, each by the model without its fold (NaN without one).

        Args:
            methods_of_fold: a list with a dict of name -> arguments for each fold.
        """
        whole = {}
        for k, methods in enumerate(methods_of_fold):
            sweep = self.without((k,), methods, seeds)
            rows = np.flatnonzero(self.fold == k)
            for name in ("control", *methods):
                for seed, found in sweep.predictions(name).items():
                    scores = whole.setdefault(name, {}).setdefault(seed, np.full(len(self.examples), np.nan))
                    scores[rows] = found.scores
        return {name: {seed: self._predictions(np.arange(len(self.examples)), scores)
                       for seed, scores in by_seed.items()} for name, by_seed in whole.items()}

    def chosen(self, k, within, methods, seeds, gap_left, **limits):
        """The `Choice` among methods for fold k by the folds without it; a share `gap_left` of the gap may stay.

        Args:
            within: as `within` gives it.
        """
        candidates = self.without((0, 1), methods, seeds).candidates
        gap = Gap(**self.gap)
        rows = [{"candidate": c.name, "seed": seed, "error": "",
                 **measured(gap, within[k, c.name, seed], within[k, "control", seed])}
                for c in candidates for seed in seeds]
        table = table_of(candidates, pd.DataFrame(rows))
        print(table[["candidate", "gap", "auc", "auc_change"]].round(4).to_string(index=False), flush=True)
        return choose(table[1:], candidates[1:], gap_left * float(table["gap"][0]), intervals=False, **limits)

    def joined(self, of_fold):
        """`Predictions` that take the scores of each fold from one of five."""
        scores = np.stack([predictions.scores for predictions in of_fold])[self.fold, np.arange(len(self.fold))]
        return self._predictions(np.arange(len(scores)), scores)

    def _predictions(self, rows, scores):
        part = self.examples.take(rows)
        return Predictions(part.labels, scores, part.groups, None, part.ids)
