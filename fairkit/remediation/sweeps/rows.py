"""A row for each candidate and seed: what was measured, or why there is nothing to measure."""

import numpy as np
import pandas as pd

from fairkit.errors import FairkitError
from fairkit.remediation.sweeps.by_group import adjusted_by_halves
from fairkit.remediation.sweeps.measures import measured
from fairkit.remediation.sweeps.plan import CONTROL
from fairkit.remediation.sweeps.table import ROW_COLUMNS

__all__ = ["rows_of"]


def rows_of(folder, candidates, seeds, gap, errors):
    """A DataFrame with `ROW_COLUMNS`, by candidate and seed.

    Args:
        folder: `SweepFolder`, whose predictions are read.
        candidates: `Candidate`s, the control among them.
        seeds: whole numbers.
        gap: `Gap`.
        errors: dict of (training, seed) -> why it failed.
    """
    rows = []
    for seed in seeds:
        plain = next(candidate for candidate in candidates if candidate.name == CONTROL)
        loaded = {}
        for candidate in candidates:
            rows.append({"candidate": candidate.name, "seed": seed, "slice": None, "class": None, "error": "",
                         **_measured(folder, candidate, plain, seed, gap, errors, loaded)})
    frame = pd.DataFrame(rows, columns=ROW_COLUMNS)
    frame["class"] = np.array([row["class"] for row in rows], object)  # None and class ids stay what they are
    place = {candidate.name: k for k, candidate in enumerate(candidates)}
    order = np.lexsort([frame["seed"].map(seeds.index), frame["candidate"].map(place)])
    return frame.iloc[order].reset_index(drop=True)


def _measured(folder, candidate, plain, seed, gap, errors, loaded):
    def predictions(training):
        if training not in loaded:
            if not folder.finished(training, seed):
                raise FairkitError(errors.get((training, seed), "it was not trained"))
            loaded[training] = folder.predictions(training, seed)
        return loaded[training]

    try:
        own = predictions(candidate.training)
        try:
            control = predictions(plain.training)
        except FairkitError as error:
            raise FairkitError(f"the control of this seed failed, so there is nothing to measure it against: {error}") \
                from None
        seconds = {"seconds": folder.run(candidate.training, seed)["seconds"]}
        if candidate.group_thresholds is None:
            return measured(gap, own, control) | seconds
        own = adjusted_by_halves(own, candidate.group_thresholds, gap, control)
        return measured(gap, own, control, at=0.5) | seconds
    except FairkitError as error:
        return {"error": str(error)}
