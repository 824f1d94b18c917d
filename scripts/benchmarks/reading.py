"""Reading and writing a million comments: `fairkit.data.read` beside pandas, Arrow, polars and tf.data.

Every measurement is a process of its own, which first reads a small file of the same kind (so that modules are loaded),
then the large one: seconds (the median of up to three times where it is quick), and the rise of its peak memory at the
first time. The contestants give different things: fairkit `Examples`, with labels and groups checked and encoded; the
others the bare columns. Rows, labels and the last text are compared.

    python scripts/benchmarks/reading.py                       # the table in docs/data.md
    python scripts/benchmarks/reading.py --rows 100000 --kinds csv tfrecord
"""

import argparse
import gc
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from evaluation import peak_memory

KINDS = ("csv", "csv.gz", "jsonl", "parquet", "tfrecord")
WARMING = 1000   # rows of the small file
DIFFERENT = 20_000


def examples(rows):
    """Generated comments, joined and cut to the lengths of real ones (40 to 1,000 letters, half below 190), each with
    a number of its own; religion (several values), gender, and a weight."""
    import pyarrow as pa

    import fairkit
    from fairkit.groups import GroupColumn
    from fairkit.texts import Texts

    base, _ = fairkit.data.comments(DIFFERENT)
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(np.log(190), 0.6, DIFFERENT), 40, 1000).astype(int)
    single, texts = np.asarray(base.inputs).tolist(), []
    for i, length in enumerate(lengths.tolist()):
        text = single[i]
        while len(text) < length:
            text += " " + single[rng.integers(DIFFERENT)]
        texts.append(text[:length])
    chunks = [pa.array([f"{text} {number}" for number, text in enumerate(texts[:rows - start], start)])
              for start in range(0, rows, DIFFERENT)]
    place = np.arange(rows) % DIFFERENT
    groups = {name: GroupColumn(column.codes[place], column.cells) for name, column in base.groups.items()}
    return fairkit.Examples(inputs=Texts(pa.chunked_array(chunks)), labels=base.labels[place], groups=groups,
                            weights=rng.integers(1, 9, rows) / 8)


def by_fairkit(path):
    import fairkit

    found = fairkit.data.read(path, "input", label="label", groups=["religion", "gender"], weight="weight",
                              separator="|" if "csv" in path else None)
    return found, lambda: (len(found), int(found.labels.sum()), found.inputs[-1])


def by_pandas(path):
    import pandas as pd

    frame = pd.read_parquet(path) if path.endswith("parquet") else \
        pd.read_json(path, lines=True) if path.endswith("jsonl") else pd.read_csv(path)
    return frame, lambda: (len(frame), int(frame["label"].sum()), frame["input"].iloc[-1])


def by_arrow(path):
    from pyarrow import csv as arrow_csv
    from pyarrow import json as arrow_json
    from pyarrow import parquet

    table = parquet.read_table(path) if path.endswith("parquet") else \
        arrow_json.read_json(path) if path.endswith("jsonl") else \
        arrow_csv.read_csv(path, parse_options=arrow_csv.ParseOptions(newlines_in_values=True))
    return table, lambda: (len(table), sum(table["label"].to_pylist()), table["input"][-1].as_py())


def by_polars(path):
    import polars

    frame = polars.read_parquet(path) if path.endswith("parquet") else \
        polars.read_ndjson(path) if path.endswith("jsonl") else polars.read_csv(path)
    return frame, lambda: (len(frame), int(frame["label"].sum()), frame["input"][-1])


def by_tf_data(path):
    from fairkit.quiet import tf

    features = {"input": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64),
                "weight": tf.io.FixedLenFeature([], tf.float32), "religion": tf.io.RaggedFeature(tf.string),
                "gender": tf.io.RaggedFeature(tf.string)}
    batches = list(tf.data.TFRecordDataset(path).batch(4096)
                   .map(lambda records: tf.io.parse_example(records, features)).as_numpy_iterator())
    labels = np.concatenate([batch["label"] for batch in batches])
    return batches, lambda: (len(labels), int(labels.sum()), batches[-1]["input"][-1].decode())


CONTESTANTS = {"fairkit.data.read": by_fairkit, "pandas": by_pandas, "pyarrow": by_arrow, "polars": by_polars,
               "tf.data": by_tf_data}


def contestants_for(kind):
    if kind == "tfrecord":
        return ["fairkit.data.read", "tf.data"]
    others = ["polars"] if importlib.util.find_spec("polars") else []
    return ["fairkit.data.read", "pandas", "pyarrow", *others]


def measure(contestant, path, small, out):
    """Reads a file in this process; writes what it took and what was found."""
    function = CONTESTANTS[contestant]
    function(small)
    gc.collect()
    before, seconds = peak_memory(reset=True), []
    while not seconds or (sum(seconds) < 10 and len(seconds) < 3):
        found = summary = None   # what was read before is not kept beside
        start = time.perf_counter()
        found, summary = function(path)
        seconds.append(time.perf_counter() - start)
        if len(seconds) == 1:
            peak = peak_memory() - before
            gc.collect()
            held = peak_memory(reset=True) - before
    del found
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"seconds": float(np.median(seconds)), "peak": peak, "held": held, "found": summary()}, file)


def measured(contestant, path, small):
    """The measurement in a new process."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        ran = subprocess.run([sys.executable, __file__, "--measure", contestant, str(path), str(small), out.name],
                             stderr=subprocess.PIPE, text=True)
        if ran.returncode:
            sys.exit(f"{contestant} on {path.name}: {ran.stderr[-2000:]}")
        with open(out.name, encoding="utf-8") as file:
            return json.load(file)


def written(rows, kinds, folder):
    """Writes the files, large and small; prints how long that took."""
    import fairkit

    large = examples(rows)
    small = large.take(np.arange(min(WARMING, rows)))
    print(f"{rows:,} comments. Written by fairkit.data.write:\n\n| format | seconds | file, MB |\n|---|---:|---:|")
    sizes = {}
    for kind in kinds:
        fairkit.data.write(small, folder / f"small.{kind}")
        start = time.perf_counter()
        path = fairkit.data.write(large, folder / f"large.{kind}")
        sizes[kind] = path.stat().st_size
        print(f"| {kind} | {time.perf_counter() - start:.2f} | {sizes[kind] / 1e6:,.0f} |", flush=True)
    return sizes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(*asked.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        sizes = written(asked.rows, asked.kinds, folder)
        print("\nRead. Memory is what was taken beyond the process before; in brackets how many times the file's "
              "size.\n\n| format | contestant | seconds | peak memory, MB | memory of the result, MB |\n"
              "|---|---|---:|---:|---:|")
        for kind in asked.kinds:
            expected = None
            for contestant in contestants_for(kind):
                found = measured(contestant, folder / f"large.{kind}", folder / f"small.{kind}")
                expected = expected or found["found"]
                if found["found"] != expected:
                    sys.exit(f"{contestant} found {found['found']} in {kind}, fairkit {expected}")
                peak, held = (f"{found[what] / 1e6:,.0f} ({found[what] / sizes[kind]:.1f})"
                              for what in ("peak", "held"))
                print(f"| {kind} | {contestant} | {found['seconds']:.2f} | {peak} | {held} |", flush=True)


if __name__ == "__main__":
    main()
