"""Bias metrics of every value of a facet with 50 values, on 1 million rows: fairkit beside smclarify.

fairkit makes all metrics of counts (all but the flip test) for all 50 values, with intervals and tests; smclarify the
same metrics for one value, without intervals. Both read the same columns of texts, the labels as whole numbers; the
values of that facet value are compared. smclarify runs in the environment that tests/parity/conftest.py makes.

    python -m pytest tests/parity/test_clarify_parity.py       # once: makes .venv-smclarify
    python scripts/benchmarks/bias.py
    python scripts/benchmarks/bias.py --rows 100000 --without-reference
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / ".venv-smclarify" / "bin" / "python"
VALUES, RUNS = 50, 5


def columns(rows):
    rng = np.random.default_rng(rows)
    facet = rng.integers(0, VALUES, rows)
    label = (rng.random(rows) < .2 + .4 * facet / VALUES).astype(np.int64)
    said = np.where(rng.random(rows) < .8, label, rng.integers(0, 2, rows))
    return {"facet": np.char.add("value ", facet.astype(str)), "label": label, "said": said,
            "group": np.char.add("stratum ", rng.integers(0, 5, rows).astype(str))}


def ours(frame):
    from fairkit.bias import bias_report

    return bias_report(frame, "label", 1, "facet", predictions="said", group="group", methods="counts").frame


def measured(frame):
    ours(frame.head(1000))  # modules are loaded
    seconds, cpu = [], []
    for _ in range(RUNS):
        started, busy = time.perf_counter(), time.process_time()
        found = ours(frame)
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - busy)
    return found, statistics.median(seconds), statistics.median(cpu)


def flips(rows=100_000):
    """Yields (what the features are, seconds, seconds of processor time) of the flip test of one facet value."""
    import pandas as pd

    from fairkit.bias import bias_report

    rng = np.random.default_rng(rows)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], rows), "label": rng.integers(0, 2, rows),
                          "said": rng.integers(0, 2, rows)})
    numbers = [f"x{place}" for place in range(6)]
    for name in numbers:
        frame[name] = rng.normal(size=rows)
    for name, kinds in (("job", 14), ("school", 16), ("marital", 7)):
        frame[name] = rng.choice([f"{name} {kind}" for kind in range(kinds)], rows)
    for what, features in (("6 numbers", numbers), ("6 numbers, 3 columns of 37 categories", None)):
        started, busy = time.perf_counter(), time.process_time()
        bias_report(frame, "label", 1, "sex", "f", predictions="said", methods=["FT"], features=features, scale=True)
        yield what, time.perf_counter() - started, time.process_time() - busy


def theirs(arrays, metrics):
    """(values of one facet value, seconds, seconds of processor time); its own process."""
    script = ROOT / "tests" / "parity" / "smclarify_metrics.py"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "columns.npz"
        np.savez(path, **arrays)
        answers = {}
        for stage in ("pre_training", "post_training"):
            asked = {"file": str(path), "label": "label", "positive": [1], "facet": "facet",
                     "facet_values": ["value 7"], "group": "group", "metrics": metrics[stage],
                     **({"predicted": "said"} if stage == "post_training" else {}), "stage": stage}
            done = subprocess.run([REFERENCE, script], input=json.dumps(asked) + "\n", text=True, capture_output=True,
                                  check=True)
            answers[stage] = json.loads(done.stdout)
    return ({name: value for reply in answers.values() for name, value in reply["answer"]["value 7"].items()},
            *(sum(reply[clock] for reply in answers.values()) for clock in ("seconds", "cpu")))


def main():
    import pandas as pd

    from fairkit.bias.definitions import COUNTED, METRICS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--without-reference", action="store_true")
    arguments = parser.parse_args()
    arrays = columns(arguments.rows)
    frames = {"texts": pd.DataFrame(arrays)}
    frames["categories"] = frames["texts"].astype({"facet": "category", "group": "category"})
    print("| who | facet values | columns | seconds | processor time |\n|---|---:|---|---:|---:|")
    slowest = busiest = 0.0
    for kind, frame in frames.items():
        found, seconds, cpu = measured(frame)
        slowest, busiest = max(seconds, slowest), max(cpu, busiest)
        print(f"| fairkit, with intervals and tests | {VALUES} | {kind} | {seconds:.2f} | {cpu:.2f} |",
              flush=True)
    for what, seconds, cpu in flips():
        print(f"| fairkit, flip test of 100,000 rows | 1 | {what} | {seconds:.2f} | {cpu:.2f} |", flush=True)
    if arguments.without_reference:
        return
    metrics = {stage: [short for short in COUNTED if METRICS[short].stage == stage]
               for stage in ("pre_training", "post_training")}
    values, seconds, cpu = theirs(arrays, metrics)
    print(f"| smclarify 0.5, without | 1 | texts | {seconds:.2f} | {cpu:.2f} |")
    own = found[found["facet_value"] == "value 7"].set_index("metric")["value"]
    furthest = max(abs(own[name] - float(value)) for name, value in values.items())
    print(f"\nvalues agree to {furthest:.1e}; smclarify takes {seconds / slowest:.0f} times as long for one facet "
          f"value as fairkit for {VALUES}, {cpu / busiest:.0f} times by processor time")
    if furthest > 1e-9:
        raise SystemExit("the values disagree")


if __name__ == "__main__":
    main()
