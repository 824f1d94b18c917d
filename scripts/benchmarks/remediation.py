"""Every remedy on real data: full MNIST with orange 8s, HateXplain by annotation and by mentions, template sentences.

What may be chosen (losses, weights, epochs, groups) stands in the tables of the modules beside this one. Choices are
made on validation data (MNIST: a split of the training images; HateXplain: folds within folds), and the test data are
read once for each chosen candidate, with five seeds. A folder keeps the trainings: a run that was stopped goes on.

    python scripts/benchmarks/remediation.py digits --data mnist.npz --folder trained          # the table in
    python scripts/benchmarks/remediation.py annotation --data hatexplain.csv --folder trained  # docs/
    python scripts/benchmarks/remediation.py mentions --data hatexplain.csv --folder trained    # remediation_results.md
    python scripts/benchmarks/remediation.py probe --data hatexplain.csv --probe madlibs.csv --folder trained
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
import remediation_comments as comments
import remediation_digits as digits
import remediation_probe as probing


def spread(values, signed=False):
    """The median and the range of one number a seed."""
    form = "+.4f" if signed else ".4f"
    return f"{np.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def shrunk(values, control):
    """How far the median size of a gap shrank against the control's."""
    return f"{1 - np.median(np.abs(values)) / np.median(np.abs(control)):.0%}"


def head(*names):
    print()
    line(*names)
    line(*["---"] * len(names))


def line(*cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def digits_table(rows):
    control = rows[0]
    head("method", "chosen on validation", "gap at .1: median (range)", "shrinks by", "gap at the matched threshold",
         "shrinks by", "accuracy", "change of the median")
    for row in rows:
        change = np.median(row["quality"]) - np.median(control["quality"])
        beside = [shrunk(row[key], control[key]) if row is not control else "" for key in ("same", "matched")]
        line(row["family"], row["setting"] + ("" if row["met"] else " (nearest: none met the limits)"),
             spread(row["same"], True), beside[0], spread(row["matched"], True), beside[1], spread(row["quality"]),
             f"{change:+.4f}")


def comments_table(examples, results, met):
    mean, most = comments.equal_model(examples)
    harmless = examples.where({"group": list(examples.groups["group"].values)})
    harmless = harmless.take(np.flatnonzero(harmless.labels == 0))
    sizes = {name: len(harmless.where({"group": name})) for name in examples.groups["group"].values}
    print(f"\nGroups (harmless posts): {', '.join(f'{name} {size}' for name, size in sizes.items())}.")
    print(f"An equal model's largest gap at these sizes: {mean:.3f} in the mean, {most:.3f} in one of twenty.")
    found = {name: [comments.measured(predictions) for predictions in by_seed.values()]
             for name, (_, by_seed) in results.items()}
    before = found["control"]
    head("method", "chosen for the five folds", "largest gap: median (range)", "shrinks by",
         "of what exceeds an equal model's", "where (seeds)", "AUC", "change of the median")
    for name, seeds in found.items():
        largest, areas = [s["largest"] for s in seeds], [s["auc"] for s in seeds]
        where = ", ".join(f"{place.split(':', 1)[1]} {count}" for place, count in
                          Counter(s["slice"] for s in seeds).most_common())
        base = [s["largest"] for s in before]
        chance = 1 - (np.median(largest) - mean) / (np.median(base) - mean)
        settings = Counter(results[name][0])
        text = "; ".join(f"{setting} ({count})" for setting, count in settings.items() if setting)
        missed = sum(not fold[name] for fold in met) if name in met[0] else 0
        text += f"; limits missed in {missed} of {comments.FOLDS} folds" if missed else ""
        line(name, text, spread(largest), "" if name == "control" else shrunk(largest, base),
             "" if name == "control" else f"{chance:.0%}", where, spread(areas),
             f"{np.median(areas) - np.median([s['auc'] for s in before]):+.4f}")
    head("seed", "method", "largest gap", "95 % interval", "group", "AUC")
    for k, seed in enumerate(comments.SEEDS):
        for name, seeds in found.items():
            s = seeds[k]
            line(seed, name, f"{s['gap']:+.4f}", "[{:+.3f}, {:+.3f}]".format(*s["interval"]),
                 s["slice"].split(":", 1)[1], f"{s['auc']:.4f}")
    head("group", "harmless posts", *found)
    for name, size in sizes.items():
        middle = [np.median([s["gaps"][f"group:{name}"] for s in seeds]) for seeds in found.values()]
        line(name, size, *(f"{gap:+.3f}" for gap in middle))


def probe_table(posts, sentences, folder, jobs):
    """Control and some candidates of the annotation task, trained on all posts."""
    train = comments.posts(posts, "annotation")
    known = {name: method for methods in comments.families("annotation").values() for name, method in methods.items()}
    methods = {name: known[name] for name in PROBED}
    models = probing.trained(comments.model_of(train), train, methods, comments.SEEDS, folder, comments.SHARED,
                             comments.GAP, jobs)
    found = {name: probing.rates(each, probing.probe(sentences)) for name, each in models.items()}
    head("identity term", *found)
    before = found["control"][0]
    for term in sorted(before, key=lambda term: -np.median(before[term])):
        line(term, *(spread(by_term[term]) for by_term, _ in found.values()))
    for name, (by_term, areas) in found.items():
        table = np.array(list(by_term.values()))
        print(f"\n{name}: mean distance of a term's rate from {probing.RATE}: "
              f"{spread(np.abs(table - probing.RATE).mean(axis=0))}; largest: "
              f"{spread(np.abs(table - probing.RATE).max(axis=0))}; AUC {spread(areas)}")


PROBED = ("MMD each, 2", "absolute difference, 2", "MMD each, 0.5 + absolute difference, 2")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("digits", "annotation", "mentions", "probe"))
    parser.add_argument("--data", required=True, help="mnist.npz, or hatexplain.csv")
    parser.add_argument("--probe", help="madlibs.csv")
    parser.add_argument("--folder", type=Path, required=True, help="where trainings are kept")
    parser.add_argument("--jobs", type=int, help="trainings at a time")
    arguments = parser.parse_args()
    started = time.perf_counter()
    if arguments.task == "digits":
        digits_table(digits.run(arguments.data, arguments.folder / "digits", arguments.jobs))
    elif arguments.task == "probe":
        probe_table(arguments.data, arguments.probe, arguments.folder, arguments.jobs)
    else:
        comments_table(*comments.run(arguments.data, arguments.task, arguments.folder, arguments.jobs))
    print(f"\n{(time.perf_counter() - started) / 60:.0f} minutes")
