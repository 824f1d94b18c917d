"""Sliced evaluation with intervals: fairkit, TFMA and fairlearn on the same arrays, side by side.

Every measurement is a process of its own, which first evaluates a small part (so that modules are loaded), then
measures seconds (the median of some runs where they are quick) and the rise of its peak memory. The values are
compared: a contestant that disagrees is an error. Who takes longer than the limit is left out at more rows.

    python scripts/benchmarks/evaluation.py                            # the table in docs/evaluation_speed.md
    python scripts/benchmarks/evaluation.py --rows 20000 --limit 60    # what fits into a minute
    python scripts/benchmarks/evaluation.py --many                     # only evaluations of very many slices
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np

FEATURES = {"religion": 8, "gender": 3, "race": 5, "age": 7}  # with overall 24 slices, 840 joint values
FEWER = {"religion": 15, "gender": 4, "race": 4}  # as many slices, 240 joint values: 4,800 cells at 9 thresholds
RATES_OF_FAIRLEARN = ("false_positive_rate", "false_negative_rate", "true_positive_rate", "true_negative_rate",
                      "positive_rate", "precision")
REPLICATES = 20  # of fairlearn's bootstrap, as many as TFMA takes


def thresholds_for(rows):
    return [k / 8 for k in range(1, 8)] if rows <= 20_000 else [k / 10 for k in range(1, 10)]


def arrays(rows, kind="pandas"):
    """(labels, scores, group columns): pandas categoricals or Arrow dictionaries."""
    import pandas as pd
    import pyarrow as pa

    rng = np.random.default_rng(rows)
    labels = (rng.random(rows) < 0.3).astype(np.int64)
    scores = np.clip(rng.normal(0.35 + 0.25 * labels, 0.18), 0, 1)
    groups = {}
    for name, size in (FEWER if kind == "fewer" else FEATURES).items():
        codes, values = rng.integers(0, size, rows, dtype=np.int8), [f"{name}{k}" for k in range(size)]
        groups[name] = pd.Categorical.from_codes(codes, values) if kind != "arrow" else \
            pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values))
    return labels, scores, groups


def fairkit_evaluation(labels, scores, groups, metrics=None):
    import fairkit

    examples = fairkit.Examples(labels=labels, groups=groups)
    return fairkit.evaluate(scores, examples, slices=list(groups), thresholds=thresholds_for(len(labels)),
                            metrics=metrics)


def fairkit_rates(labels, scores, groups):
    from fairkit.counts.rates import FAIRNESS_INDICATORS

    return fairkit_evaluation(labels, scores, groups, FAIRNESS_INDICATORS).frame


def fairkit_everything(labels, scores, groups):
    return fairkit_evaluation(labels, scores, groups).frame


def fairkit_bootstrap(labels, scores, groups):
    from fairkit.counts.rates import FAIRNESS_INDICATORS

    evaluation = fairkit_evaluation(labels, scores, groups, FAIRNESS_INDICATORS)
    replicates = evaluation.bootstrap(replicates=1000, seed=0)
    replicates.gaps()
    return replicates.frame


def tfma_jackknife(labels, scores, groups):
    """TFMA's fastest path to intervals: Fairness Indicators alone, with the jackknife, on predictions."""
    import pandas as pd

    from fairkit.quiet import silence, tfma

    with silence():
        from fairness_indicators import fairness_indicators_metrics  # noqa: F401  registers FairnessIndicators
        from google.protobuf import text_format
        from tensorflow_model_analysis.proto import config_pb2
    config = text_format.Parse("""
        model_specs { label_key: "label" prediction_key: "score" }
        metrics_specs { metrics { class_name: "FairnessIndicators"
          config: '{"thresholds": THRESHOLDS}' } }
        slicing_specs {} SLICES
        options { compute_confidence_intervals { value: true } confidence_intervals { method: JACKKNIFE } }
        """.replace("THRESHOLDS", json.dumps(thresholds_for(len(labels)))).replace(
        "SLICES", " ".join(f'slicing_specs {{ feature_keys: "{name}" }}' for name in groups)), config_pb2.EvalConfig())
    columns = {name: np.asarray(column, object) for name, column in groups.items()}
    with silence():
        result = tfma.analyze_raw_data(pd.DataFrame({"label": labels, "score": scores, **columns}), config)
    rows = []
    for key, outputs in result.slicing_metrics:
        name = ":".join(key[0]) if key else "Overall"
        for metric, value in outputs[""][""].items():
            if "@" in metric:
                rate, threshold = metric.split("/")[1].split("@")
                number = value["boundedValue"]["value"] if "boundedValue" in value else value["doubleValue"]
                rows.append((name, rate, float(threshold), float(number)))
    return pd.DataFrame(rows, columns=["slice", "metric", "threshold", "value"])


def fairlearn_bootstrap(labels, scores, groups):
    """MetricFrame takes decisions, so there is one for each feature, at one threshold only: it is slow enough."""
    import pandas as pd
    from fairlearn import metrics as fl
    from sklearn.metrics import precision_score

    functions = {"false_positive_rate": fl.false_positive_rate, "false_negative_rate": fl.false_negative_rate,
                 "true_positive_rate": fl.true_positive_rate, "true_negative_rate": fl.true_negative_rate,
                 "positive_rate": fl.selection_rate,
                 "precision": lambda y_true, y_pred: precision_score(y_true, y_pred, zero_division=np.nan)}
    found = []
    for threshold in thresholds_for(len(labels))[3:4]:
        decided = (scores > threshold).astype(int)
        for name, column in groups.items():
            frame = fl.MetricFrame(metrics=functions, y_true=labels, y_pred=decided,
                                   sensitive_features=pd.Series(np.asarray(column, object), name=name),
                                   n_boot=REPLICATES, ci_quantiles=[0.025, 0.975], random_state=0)
            table = frame.by_group
            assert len(frame.by_group_ci) == 2
            for value, row in table.iterrows():
                found += [(f"{name}:{value}", rate, threshold, row[rate]) for rate in functions]
    return pd.DataFrame(found, columns=["slice", "metric", "threshold", "value"])


CONTESTANTS = {  # name -> (function, kind of arrays)
    "fairkit, ten rates": (fairkit_rates, "pandas"),
    "fairkit, ten rates, Arrow dictionaries": (fairkit_rates, "arrow"),
    "fairkit, all metrics with AUC": (fairkit_everything, "pandas"),
    "fairkit, ten rates, up to 4,800 cells": (fairkit_rates, "fewer"),
    "fairkit, the same with 1,000 bootstrap replicates and all gaps": (fairkit_bootstrap, "fewer"),
    "TFMA, ten rates, jackknife": (tfma_jackknife, "pandas"),
    f"fairlearn, six rates at one threshold, {REPLICATES} bootstrap replicates": (fairlearn_bootstrap, "pandas"),
}


def measure(contestant, rows, out):
    """Runs one contestant in this process and writes what it found; repeated where it is quick."""
    function, kind = CONTESTANTS[contestant]
    if contestant.startswith("fairkit"):
        function(*arrays(20_000, kind))  # loads what is loaded once
    elif rows > 2000:
        function(*arrays(2000, kind))
    data = arrays(rows, kind)
    gc.collect()
    size = data[0].nbytes + data[1].nbytes + sum(len(data[0]) for _ in data[2])
    before = peak_memory(reset=True)
    seconds = []
    while not seconds or (sum(seconds) < 3 and len(seconds) < 20):
        start = time.perf_counter()
        frame = function(*data)
        seconds.append(time.perf_counter() - start)
        if len(seconds) == 1:
            peak = peak_memory() - before
    frame = frame[frame["metric"].isin(RATES_OF_FAIRLEARN)]
    columns = (frame[column] for column in ("slice", "metric", "threshold", "value"))
    values = {f"{name}|{metric}|{at:g}": value for name, metric, at, value in zip(*columns) if not np.isnan(value)}
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"seconds": float(np.median(seconds)), "runs": len(seconds), "peak": peak, "input": size,
                   "values": values}, file)


def peak_memory(reset=False):
    """The most bytes that this process held so far, or since the reset, which needs Linux."""
    if reset and os.path.exists("/proc/self/clear_refs"):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    if not os.path.exists("/proc/self/status"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/status", encoding="ascii") as file:
        return 1024 * next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def measured(contestant, rows, limit):
    """The measurement in a new process; None where it takes longer than the limit."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        try:
            subprocess.run([sys.executable, __file__, "--measure", contestant, "--rows", str(rows), "--out", out.name],
                           check=True, timeout=limit, stderr=subprocess.PIPE, text=True)
        except subprocess.TimeoutExpired:
            return None
        except subprocess.CalledProcessError as error:
            sys.exit(f"{contestant} at {rows:,} rows: {error.stderr[-2000:]}")
        with open(out.name, encoding="utf-8") as file:
            return json.load(file)


def agree(reference, other, name):
    shared = set(reference) & set(other)
    worst = max(abs(reference[key] - other[key]) for key in shared)
    if not shared or worst > 1e-9:
        sys.exit(f"{name} disagrees with fairkit: {worst} over {len(shared)} values")
    return len(shared), worst


def many_slices(groups, crossed, thresholds, weighted):
    """Seconds (of the processor) and peak memory of two evaluations of many slices, their gaps and their comparison."""
    import fairkit

    rng = np.random.default_rng(0)
    rows = groups * (100 if crossed else 10)
    labels = (rng.random(rows) < 0.3).astype(np.int64)
    first = np.clip(rng.normal(0.35 + 0.25 * labels, 0.18), 0, 1)
    second = np.clip(first + rng.normal(0, 0.1, rows), 0, 1)
    columns, slices = {"g": rng.integers(0, groups, rows)}, ["g"]
    if crossed:
        columns, slices = {**columns, "h": rng.integers(0, 25, rows)}, ["g", "h", ("g", "h")]
    examples = fairkit.Examples(labels=labels, groups=columns, weights=rng.random(rows) if weighted else None)
    little = fairkit.evaluate(first[:50], examples.take(np.arange(50)), slices=["g"], thresholds=thresholds)
    little.gaps("false_positive_rate"), little.gaps("auc"), fairkit.compare(little, little)  # loads what is loaded once
    gc.collect()
    before, seconds, peaks = peak_memory(reset=True), {}, {}

    def measured_step(name, step):
        start = time.process_time()
        found = step()
        seconds[name], peaks[name] = time.process_time() - start, peak_memory() - before
        return found

    one, two = measured_step("evaluate twice", lambda: [fairkit.evaluate(
        scores, examples, slices=slices, thresholds=thresholds) for scores in (first, second)])
    measured_step("gaps", lambda: one.gaps("false_positive_rate"))
    measured_step("gaps to a value", lambda: one.gaps("false_positive_rate", reference={"g": 0}))
    measured_step("gaps of AUC", lambda: one.gaps("auc"))
    measured_step("compare", lambda: fairkit.compare(one, two))
    return {"slices": len(one.keys), "seconds": seconds, "peaks": peaks, "loaded": before}


MANY = {  # name -> arguments of many_slices
    "10,000 groups": (10_000, False, [0.5], False), "10,000 groups, 9 thresholds": (10_000, False, None, False),
    "10,000 groups, weights": (10_000, False, [0.5], True), "2,000 x 25 groups": (2000, True, [0.5], False),
    "4,000 x 25 groups": (4000, True, [0.5], False), "2,000 x 25 groups, weights": (2000, True, [0.5], True),
    "2,000 x 25 groups, 9 thresholds": (2000, True, None, False),
}


def print_many_slices():
    print("| slices | of | step | seconds | peak memory so far beyond what was loaded, MB |\n|---:|---|---|---:|---:|")
    for name in MANY:
        found = json.loads(subprocess.run([sys.executable, __file__, "--measure-many", name], check=True,
                                          stdout=subprocess.PIPE, text=True).stdout)
        for step, seconds in found["seconds"].items():
            print(f"| {found['slices']:,} | {name} | {step} | {seconds:.2f} | {found['peaks'][step] / 1e6:,.0f} |",
                  flush=True)


def against_prediction(rows=100_000):
    """Seconds of model.predict of a small digit classifier, of the first evaluation and of the second."""
    import fairkit

    rng = np.random.default_rng(0)
    images = rng.random((rows, 28, 28, 3), dtype=np.float32)
    labels = rng.integers(0, 10, rows)
    examples = fairkit.Examples(inputs=images, labels=labels, groups={"color": rng.choice(["blue", "orange"], rows),
                                                                      "digit": labels})
    model = fairkit.models.digit_classifier()
    model.predict(images[:256], verbose=0)
    start = time.perf_counter()
    scores = model.predict(images, batch_size=256, verbose=0)
    predicted = time.perf_counter() - start
    seconds = []
    for _ in range(2):  # the first time modules are loaded
        start = time.perf_counter()
        fairkit.evaluate(scores, examples, ["color", "digit", ("digit", "color")], [0.1, 0.5], classes=[8]).frame  # noqa: B018
        seconds.append(time.perf_counter() - start)
    return predicted, *seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 1_000_000, 10_000_000])
    parser.add_argument("--limit", type=float, default=600, help="seconds that a contestant may take (default 600)")
    parser.add_argument("--many", action="store_true", help="only evaluations of very many slices")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--measure-many", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure_many:
        print(json.dumps(many_slices(*MANY[asked.measure_many])))
        return
    if asked.many:
        print_many_slices()
        return
    if asked.measure:
        measure(asked.measure, asked.rows[0], asked.out)
        return
    print("| rows | contestant | seconds | times fairkit's | extra peak memory, MB | input, MB | same values |")
    print("|---:|---|---:|---:|---:|---:|---|")
    too_long = set()
    for rows in asked.rows:
        fastest, own = None, {}
        for contestant, (_, kind) in CONTESTANTS.items():
            if contestant in too_long:
                continue
            found = measured(contestant, rows, asked.limit)
            if found is None:
                too_long.add(contestant)
                print(f"| {rows:,} | {contestant} | over {asked.limit:,.0f} | | | | |", flush=True)
                continue
            kind = "fewer" if kind == "fewer" else "all"
            shared, worst = agree(own.setdefault(kind, found["values"]), found["values"], contestant)
            fastest = fastest or found["seconds"]
            seconds, ratio = found["seconds"], found["seconds"] / fastest
            print(f"| {rows:,} | {contestant} | {seconds:.4g} | {ratio:,.1f} | {found['peak'] / 1e6:,.0f} | "
                  f"{found['input'] / 1e6:,.1f} | {shared:,}, to {worst:.0e} |", flush=True)
    print()
    print_many_slices()
    predicted, first, evaluated = against_prediction()
    print(f"\nA digit classifier on 100,000 images: model.predict {predicted:.2f} s; evaluation (33 slices, 2 "
          f"thresholds, class 8, AUC, top-1 accuracy) {evaluated:.3f} s, {evaluated / predicted:.2%} of it "
          f"(in a new process, with loading, {first:.3f} s, {first / predicted:.2%}).")


if __name__ == "__main__":
    main()
