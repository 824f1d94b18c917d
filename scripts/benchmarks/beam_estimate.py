"""What counting on Apache Beam costs: rows a second and core, bytes a row, size of the counts; and for a billion rows.

python scripts/benchmarks/beam_estimate.py                  # 4 million rows of Parquet, 1 million of TFRecords
python scripts/benchmarks/beam_estimate.py --rows 40000000
"""

import argparse
import math
import os
import tempfile
import time
from pathlib import Path

import numpy as np

FILES = 8
SLICES = ["religion", "gender", ("religion", "gender")]
RELIGIONS = [[], ["christian"], ["muslim"], ["jewish"], ["christian", "muslim"], ["hindu"], ["other"]]
PARALLEL = ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]
BILLION = 10**9


def drawn(rng, n):
    """A table of predictions: float32 scores, labels that follow them, two group columns, weights."""
    import pyarrow as pa

    scores = rng.beta(0.6, 2.0, n).astype(np.float32)
    return pa.table({
        "label": (rng.random(n) < scores).astype(np.int8),
        "scores": scores,
        "religion": pa.array(RELIGIONS).take(pa.array(rng.integers(0, len(RELIGIONS), n))),
        "gender": pa.array(["female", "male", None]).take(pa.array(rng.integers(0, 3, n))),
        "weight": rng.random(n).astype(np.float32),
    })


def write_parquet(folder, rows, rng):
    import pyarrow.parquet as pq

    for number in range(FILES):
        pq.write_table(drawn(rng, rows // FILES), folder / f"part-{number}.parquet", row_group_size=500_000)


def write_tfrecords(folder, rows, rng):
    """100,000 different examples, over and over."""
    from fairkit.quiet import tf

    distinct = min(100_000, rows // FILES)
    block = folder / "block"
    with tf.io.TFRecordWriter(str(block)) as writer:
        for row in drawn(rng, distinct).to_pylist():
            features = {
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[row["label"]])),
                "scores": tf.train.Feature(float_list=tf.train.FloatList(value=[row["scores"]])),
                "weight": tf.train.Feature(float_list=tf.train.FloatList(value=[row["weight"]])),
                "religion": _texts(tf, row["religion"]),
                "gender": _texts(tf, [] if row["gender"] is None else [row["gender"]]),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    data = block.read_bytes()
    block.unlink()
    for number in range(FILES):
        (folder / f"part-{number}.tfrecord").write_bytes(data * (rows // FILES // distinct))


def _texts(tf, values):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))


def timed(work):
    """(processor seconds of this process and those it started, seconds by the clock, result)."""
    before, started = os.times(), time.perf_counter()
    result = work()
    spent = [end - start for start, end in zip(before[:4], os.times()[:4], strict=True)]
    return sum(spent), time.perf_counter() - started, result


def measure(kind, folder, weight):
    """A dict of what was measured on a folder of files."""
    import fairkit
    from fairkit.evaluation import read_predictions
    from fairkit.evaluation.beam import evaluate_on_beam

    groups = ["religion", "gender"]
    chunks = read_predictions(folder, groups=groups, weight=weight)
    len(next(iter(chunks)))  # TensorFlow starts
    read, _, rows = timed(lambda: sum(map(len, chunks)))
    here, _, _ = timed(lambda: fairkit.evaluate(chunks, slices=SLICES))
    one, _, evaluation = timed(lambda: evaluate_on_beam(folder, SLICES, weight=weight))
    two, clock, _ = timed(lambda: evaluate_on_beam(folder, SLICES, weight=weight, options=PARALLEL))
    adding, data = measure_adding(evaluation.cells)
    size = sum(file.stat().st_size for file in folder.iterdir())
    return {"kind": kind, "rows": rows, "bytes": size / rows, "read": rows / read, "here": rows / here,
            "one": rows / one, "two": rows / two, "clock": clock, "counts": len(data), "adding": adding}


def measure_adding(cells):
    """(processor seconds that adding the counts of one more bundle takes, these counts as bytes)."""
    from fairkit.evaluation.cells_file import cells_to_bytes
    from fairkit.evaluation.chunk_counts import ChunkCounts

    data, total = cells_to_bytes(cells, weighted=False), ChunkCounts(SLICES)

    def add():
        for _ in range(5):
            total.add_bytes(data)
        return total.cells

    return timed(add)[0] / 5, data


def measure_model(folder):
    """Rows a processor second of a small text classifier under RunInference."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    import fairkit
    from fairkit.evaluation.beam import evaluate_on_beam

    rng, n = np.random.default_rng(1), 20_000
    words = np.array([f"w{i}" for i in range(2000)])
    texts = [" ".join(words[rng.integers(0, 2000, 20)]) for _ in range(n)]
    model = fairkit.models.toxicity_classifier(texts[:2000], seed=0)
    fairkit.models.save(model, folder / "model.keras")
    (folder / "texts").mkdir()
    table = pa.table({"text": texts, "label": rng.integers(0, 2, n), "gender": ["female", "male"] * (n // 2)})
    pq.write_table(table, folder / "texts" / "x.parquet")
    seconds, _, _ = timed(lambda: evaluate_on_beam(folder / "texts", ["gender"], model=folder / "model.keras",
                                                inputs="text", batch_size=1024))
    return n / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=4_000_000, help="rows of Parquet; a quarter of them as TFRecords")
    rows = parser.parse_args().rows
    rng, found = np.random.default_rng(0), []
    with tempfile.TemporaryDirectory() as scratch:
        for kind, write, n in (("Parquet", write_parquet, rows), ("TFRecord", write_tfrecords, rows // 4)):
            folder = Path(scratch) / kind
            folder.mkdir()
            write(folder, n, rng)
            found += [measure(kind, folder, weight) for weight in (None, "weight")]
            found[-1]["kind"] += ", weights"
        scored = measure_model(Path(scratch))
    print("Rows a processor second:\n\n| | rows | bytes a row | reading | `evaluate` | Beam, one process | Beam, two "
          "processes, with their start | by the clock, s | counts, MB | adding them, s |\n" + "|---" * 10 + "|")
    for row in found:
        print(f"| {row['kind']} | {row['rows']:,} | {row['bytes']:.1f} | {row['read']:,.0f} | {row['here']:,.0f} | "
              f"{row['one']:,.0f} | {row['two']:,.0f} | {row['clock']:.0f} | {row['counts'] / 1e6:.2f} | "
              f"{row['adding']:.2f} |")
    print(f"\nA small text classifier under RunInference: {scored:,.0f} rows a processor second.\n\nA billion rows:")
    for row in found:
        hours = BILLION / row["one"] / 3600
        print(f"- {row['kind']}: {BILLION * row['bytes'] / 1e9:.0f} GB, {hours:.2f} core hours; {60 * hours / 32:.1f} "
              f"minutes on 32 cores, and {1000 * row['adding'] / 60:.1f} to add up 1,000 bundles; "
              f"{math.ceil(hours * 6)} cores for ten minutes")


if __name__ == "__main__":
    main()
