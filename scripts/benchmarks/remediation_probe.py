"""Template sentences with identity terms: how often harmless ones are flagged, by term, before and after a remedy."""

import csv
from pathlib import Path

import numpy as np

import fairkit
from fairkit.counts.rates import RATES
from fairkit.evaluation.matching import match_threshold

METRIC, RATE = "false_positive_rate", 0.2


def probe(path):
    """`Examples` of madlibs.csv with a column "term"; the terms are those of its sentences "<verb> <term>"."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    terms = sorted({row["Text"].split(" ", 1)[1] for row in rows if row["Template"] == "verb_adj"})
    examples = fairkit.Examples(inputs=[row["Text"] for row in rows],
                                labels=np.array([row["Label"] == "BAD" for row in rows], np.int64), groups={})
    return fairkit.data.annotate_mentions(examples, {"term": {term: [term] for term in terms}})


def trained(model, train, methods, seeds, folder, shared, gap, jobs=None):
    """dict of method -> list of models, one a seed, trained on all posts (what validates them is read by nobody)."""
    found = fairkit.sweep(model, train, validation=train, methods=methods, seeds=seeds, folder=Path(folder) / "probe",
                          jobs=jobs, **gap, **shared)
    return {name: list(found.models(name).values()) for name in ("control", *methods)}


def rates(models, sentences):
    """(dict of term -> (seeds,) false positive rates at the overall rate, (seeds,) AUC)."""
    by_term, areas = {}, []
    for model in models:
        predictions = fairkit.predict(model, sentences)
        threshold = match_threshold(RATES[METRIC], RATE, predictions, None)
        evaluation = fairkit.evaluate(predictions, slices=["term"], thresholds=[threshold])
        for name in evaluation.gaps(METRIC)["slice"]:
            by_term.setdefault(name.split(":", 1)[1], []).append(evaluation.value(METRIC, name, threshold))
        areas.append(float(evaluation.value("auc")))
    return {term: np.array(values, float) for term, values in by_term.items()}, np.array(areas)
