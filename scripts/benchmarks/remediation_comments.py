"""HateXplain: what each remedy does to the largest gap in false positive rate between a group and all, out of fold."""

import csv
from collections import Counter

import numpy as np
from remediation_folds import FOLDS, CrossValidation, folds_of

import fairkit
from fairkit.counts.rates import RATES
from fairkit.evaluation.matching import match_threshold
from fairkit.remediation import fit_group_thresholds

METRIC, RATE, LEAST_NEGATIVES = "false_positive_rate", 0.2, 100
QUALITY_LOSS, GAP_LEFT = 0.01, 0.25          # AUC may fall by this; this share of the largest gap may stay
CHOOSING_SEEDS, SEEDS = (0,), (0, 1, 2, 3, 4)
SHARED = {"epochs": 2, "batch_size": 128}
GAP = {"slices": ["group"], "metric": METRIC, "overall_rate": RATE, "min_examples": 30}
LENGTH = 50                                  # words a post that are read; 97 % have fewer
ANNOTATED = ("Race", "Religion", "Gender", "Sexual Orientation", "Miscellaneous")
NOBODY = ("No_race", "Nonreligious", "No_gender", "No_orientation", "None", "")
TWICE = {"balance": {"by": "harmless", "to": {"remedied": 2.0}}}
# Each task remediates the groups whose posts are labelled toxic most often, which needs no model to know.
TASKS = {"annotation": ("African", "Islam", "Jewish", "Women"), "mentions": ("jewish", "muslim")}


# What was far from the best in the folds within folds of the annotation is not tried again for mentions.
LEFT_OUT = {"annotation": (), "mentions": (
    "MMD pooled, 1", "MMD each, 2", "MMD each, 2, 3 epochs", "absolute correlation pooled, .2",
    "absolute difference, .5",
    "MMD each, 0.5 + absolute difference, 5", "MMD pooled, 2 + absolute difference, 2")}


def posts(path, task):
    """`Examples` with a column "group": those of the annotation, or of keyword mentions, that have enough negatives."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts, toxic = [row["comment"] for row in rows], np.array([row["label"] != "normal" for row in rows])
    if task == "annotation":
        cells = [{row[name] for name in ANNOTATED} - {*NOBODY} for row in rows]
    else:
        columns = fairkit.data.annotate_mentions(fairkit.Examples(inputs=texts, labels=toxic, groups={})).groups
        cells = [set().union(*map(_values, row)) for row in zip(*(column.to_list() for column in columns.values()))]
    negatives = Counter(name for cell, bad in zip(cells, toxic) if not bad for name in cell)
    large = {name for name, count in negatives.items() if count >= LEAST_NEGATIVES}
    remedied = {*TASKS[task]}
    return fairkit.Examples(inputs=texts, labels=toxic.astype(np.int64), groups={
        "group": [tuple(sorted(cell & large)) or None for cell in cells],
        "harmless": ["remedied" if cell & remedied and not bad else None for cell, bad in zip(cells, toxic)]})


def _values(cell):
    return set() if cell is None else {*cell} if isinstance(cell, tuple) else {cell}


def families(task):
    """dict of family -> dict of candidate -> arguments of `fairkit.remediate`."""
    some = [{"group": name} for name in TASKS[task]]
    each = {name: {"group": name} for name in TASKS[task]}

    def min_diff(sensitive, weight, size=64, **more):
        return {"sensitive": sensitive, "loss": "mmd", "kernel_length": 0.5, "loss_weight": weight,
                "min_diff_batch_size": size, **more}

    def pairs(loss, weight, **more):
        return {"counterfactuals": ["religion", "gender", "sexual_orientation"], "counterfactual_loss": loss,
                "counterfactual_weight": weight, **more}

    found = {
        "MinDiff": {
            "MMD pooled, 1": min_diff(some, 1.0), "MMD pooled, 2": min_diff(some, 2.0),
            "MMD pooled, 4": min_diff(some, 4.0),
            "MMD each, .5": min_diff(each, 0.5, size=32), "MMD each, 1": min_diff(each, 1.0, size=32),
            "MMD each, 2": min_diff(each, 2.0, size=32),
            "MMD each, 2, 3 epochs": min_diff(each, 2.0, size=32, epochs=3),
            "absolute correlation pooled, .2": {"sensitive": some, "loss": "absolute_correlation", "loss_weight": 0.2,
                                                "min_diff_batch_size": 64},
        },
        "counterfactual pairs": {
            "absolute difference, .5": pairs("pairwise_absolute_difference", 0.5),
            "absolute difference, 2": pairs("pairwise_absolute_difference", 2.0),
            "absolute difference, 5": pairs("pairwise_absolute_difference", 5.0),
        },
        "MinDiff + counterfactual pairs": {
            f"MMD {how}, {weight:g} + absolute difference, {other:g}":
                min_diff(groups, weight, size, **pairs("pairwise_absolute_difference", other))
            for how, groups, size, weight, other in (("each", each, 32, 0.5, 2.0), ("each", each, 32, 0.5, 5.0),
                                                     ("each", each, 32, 1.0, 2.0), ("pooled", some, 64, 2.0, 2.0))
        },
        "training weights": {"by group": {"reweight": "group"}},
        "more data": {"harmless posts of these groups twice": TWICE},
    }
    return {family: {name: method for name, method in methods.items() if name not in LEFT_OUT[task]}
            for family, methods in found.items()}


def run(path, task, folder, jobs=None):
    """(posts, dict of method -> (settings of the folds, dict of seed -> out-of-fold `Predictions`), limits met).

    Limits met: a dict of family -> whether `choose` found a candidate within the limits, for each fold. Where a family
    has one candidate there is nothing to choose.
    """
    examples = posts(path, task)
    found = CrossValidation(examples, folds_of(examples, ["group"]), model_of, GAP, SHARED, folder / task, jobs)
    of = families(task)
    several = {family: methods for family, methods in of.items() if len(methods) > 1}
    within = found.within({name: method for methods in several.values() for name, method in methods.items()},
                          CHOOSING_SEEDS)
    choices = [{family: found.chosen(k, within, methods, CHOOSING_SEEDS, GAP_LEFT, max_quality_loss=QUALITY_LOSS)
                for family, methods in several.items()} for k in range(FOLDS)]
    of_fold = [{family: fold[family].nearest if family in fold else next(iter(methods))
                for family, methods in of.items()} for fold in choices]
    trained = found.out_of_fold([{name: of[family][name] for family, name in fold.items()} for fold in of_fold], SEEDS)
    results = {"control": ([""] * FOLDS, trained["control"])}
    for family in of:
        names = [fold[family] for fold in of_fold]
        results[family] = names, {seed: found.joined([trained[name][seed] for name in names]) for seed in SEEDS}
    for name in ("control", "MinDiff", "counterfactual pairs", "MinDiff + counterfactual pairs"):
        family = "thresholds by group" if name == "control" else f"{name} + thresholds by group"
        results[family] = results[name][0], {seed: by_group(found, predictions)
                                             for seed, predictions in results[name][1].items()}
    return examples, results, [{family: bool(choice) for family, choice in fold.items()} for fold in choices]


def model_of(train):
    return fairkit.models.toxicity_classifier(train.inputs, length=LENGTH, seed=0)


def by_group(found, predictions):
    """Predictions moved by thresholds by group: those for a fold are fitted on the predictions of the other folds."""
    fitted = [fit_group_thresholds(predictions.take(np.flatnonzero(found.fold != k)), "group", METRIC, 0.002,
                                   level=RATE)
              for k in range(FOLDS)]
    return found.joined([thresholds.adjusted(predictions) for thresholds in fitted])


def measured(predictions):
    """Of one seed's out-of-fold predictions: gaps by group at the overall rate, the largest with its interval, AUC."""
    threshold = match_threshold(RATES[METRIC], RATE, predictions, None)
    evaluation = fairkit.evaluate(predictions, slices=["group"], thresholds=[threshold])
    gaps = evaluation.gaps(METRIC).set_index("slice")
    largest = gaps.loc[gaps["gap"].abs().idxmax()]
    return {"gaps": gaps["gap"].to_dict(), "largest": abs(float(largest["gap"])), "slice": largest.name,
            "gap": float(largest["gap"]), "interval": (float(largest["lower"]), float(largest["upper"])),
            "auc": float(evaluation.value("auc"))}


def equal_model(examples, draws=4000, seed=0):
    """(mean, 95 % quantile) of the largest gap of a model that flags each harmless post with the same probability."""
    rng = np.random.default_rng(seed)
    harmless = examples.take(np.flatnonzero(examples.labels == 0))
    column = harmless.groups["group"]
    member = np.stack([np.isin(column.codes, [code for code, cell in enumerate(column.cells) if value in cell])
                       for value in column.values]).astype(np.float64)
    flagged = rng.random((draws, len(harmless))) < RATE
    largest = np.abs(flagged @ member.T / member.sum(axis=1) - flagged.mean(axis=1)[:, None]).max(axis=1)
    return float(largest.mean()), float(np.quantile(largest, 0.95))
