"""An epoch of plain training, of fairkit's MinDiff and of TensorFlow Model Remediation's on tf_keras, side by side.

Every contestant is a process of its own that waits for its turn after each epoch, so that epochs alternate and what
else the machine does meets all of them. All contestants train the same architecture on the same examples, in batches of
the same size; every MinDiff step also sees a batch of both groups. The first epoch, which traces and compiles, is not
counted; the median of the others is. "batches" is the packed data of fairkit alone, with no model.

    python scripts/benchmarks/training.py                               # the table in docs/training_speed.md
    python scripts/benchmarks/training.py --models digits --rounds 3    # a quick look
"""

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

BATCH = 128          # of the main data, of the sensitive and of the nonsensitive group
STEPS = 100          # an epoch
CONTESTANTS = {
    "plain": "plain fit, Keras 3",
    "fairkit": "MinDiff, fairkit on Keras 3",
    "tfmr": "MinDiff, TFMR on tf_keras, batches as in its guide",
    "tfmr_our_batches": "MinDiff, TFMR on tf_keras, on fairkit's batches",
    "batches": "fairkit's batches alone",
}
MOST_RATIO = 1.1     # of what the examples that are looked at would cost in plain training
LEAST_GAIN = 1.2     # over TFMR
SETTINGS = ("filters", "kernel_size", "activation", "padding", "units", "pool_size", "input_dim", "output_dim", "scale",
            "output_sequence_length", "vocabulary")   # of layers, as both versions of Keras name them


def examples(kind):
    """BATCH * STEPS training examples, of which about half are in the sensitive group."""
    import fairkit

    if kind == "texts":
        return fairkit.data.comments(size=BATCH * STEPS * 5 // 4, seed=0)[0].take(np.arange(BATCH * STEPS))
    rng = np.random.default_rng(0)
    n = BATCH * STEPS
    return fairkit.Examples(inputs=rng.integers(0, 256, (n, 28, 28, 3), np.uint8), labels=rng.integers(0, 10, n),
                            groups={"color": rng.choice(["orange", "blue"], n)})


def model_of(kind, data):
    import fairkit

    return fairkit.models.digit_classifier(seed=0) if kind == "digits" else \
        fairkit.models.toxicity_classifier(data.inputs, seed=0)


def compiled(model, kind, keras):
    model.compile(keras.optimizers.Adam(), "binary_crossentropy" if kind == "texts" else
                  "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def on_tf_keras(model):
    """The same chain of layers, of tf_keras, with the same weights."""
    import tensorflow as tf

    first, *rest = model.layers
    inputs = x = tf.keras.Input(first.batch_shape[1:], dtype=first.dtype)
    for layer in rest:
        config = {name: value for name, value in layer.get_config().items() if name in SETTINGS}
        x = getattr(tf.keras.layers, type(layer).__name__)(**config)(x)
    twin = tf.keras.Model(inputs, x)
    twin.set_weights(model.get_weights())
    return twin


def groups_of(data, kind):
    from fairkit.remediation.applications import applications

    where = {"color": "orange"} if kind == "digits" else {"religion": ["muslim", "jewish", "christian"]}
    return applications(data, where, None, "false_positive_rate", [8] if kind == "digits" else None, True, BATCH)


def our_batches(data, kind):
    from fairkit.remediation.packed_examples import packed_examples

    return packed_examples(data, data, groups_of(data, kind), BATCH, BATCH, seed=0)


def their_batches(data, kind):
    """As TFMR's guide has it: data sets of slices, shuffled, batched, packed by its own function, and fitted."""
    import tensorflow as tf
    from tensorflow_model_remediation import min_diff

    def slices(part):
        return tf.data.Dataset.from_tensor_slices((np.asarray(part.inputs), part.labels)).shuffle(len(part), seed=0)

    groups = [slices(data.take(rows)).repeat().batch(BATCH) for rows in groups_of(data, kind)[0].rows]
    return min_diff.keras.utils.pack_min_diff_data(slices(data).batch(BATCH).repeat(), *groups)


def work(contestant, kind):
    """What the process of one contestant does: an epoch whenever a line comes in."""
    from fairkit.quiet import keras, tf
    from fairkit.remediation import ClassScore, MinDiffModel

    data = examples(kind)
    model = model_of(kind, data)
    score = ClassScore([8]) if kind == "digits" else None
    if contestant == "batches":
        iterator = iter(our_batches(data, kind))
        while wait():
            start = now()
            for _ in range(STEPS):
                next(iterator)
            tell(start)
        return
    if contestant.startswith("tfmr"):
        model, keras = on_tf_keras(model), tf.keras
        batches = their_batches if contestant == "tfmr" else our_batches
    else:
        batches = our_batches if contestant == "fairkit" else lambda d, k: d.batches(BATCH).repeat()
    if contestant != "plain":
        model = MinDiffModel(model, "mmd", 2.0, score) if contestant == "fairkit" else tfmr_model(model, score)
    compiled(model, kind, keras)

    class Turns(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.stop_training = not wait()
            self.start = now()

        def on_epoch_end(self, epoch, logs=None):
            tell(self.start)

    model.fit(batches(data, kind), epochs=10_000, steps_per_epoch=STEPS, verbose=0, callbacks=[Turns()], shuffle=False)


def tfmr_model(model, score):
    from tensorflow_model_remediation import min_diff

    loss = min_diff.losses.MMDLoss(enable_summary_histogram=False)
    return min_diff.keras.MinDiffModel(model, loss, 2.0, None if score is None else lambda p: p[:, 8:9])


def wait():
    return sys.stdin.readline().strip() == "go"


def now():
    return time.perf_counter(), time.process_time()


def tell(start):
    print(json.dumps([after - before for before, after in zip(start, now())]), flush=True)


def measure(kind, rounds):
    """(rounds, 2) seconds an epoch of every contestant: by the clock, and of processor time."""
    running = {name: start(name, kind) for name in CONTESTANTS}
    try:
        for process in running.values():
            turn(process)          # traces and compiles
        seconds = {name: [] for name in CONTESTANTS}
        for round_number in range(rounds):
            names = list(CONTESTANTS)
            for name in names[round_number % len(names):] + names[:round_number % len(names)]:
                seconds[name].append(turn(running[name]))
        return seconds
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def start(name, kind):
    legacy = {"TF_USE_LEGACY_KERAS": "1"} if name.startswith("tfmr") else {}
    return subprocess.Popen([sys.executable, __file__, "--contestant", name, "--models", kind], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True, env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"} | legacy)


def turn(process):
    process.stdin.write("go\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a contestant stopped with {process.wait()}")
    return json.loads(line)


def report(kind, seconds):
    clock, processor = ({name: float(np.median(np.array(values)[:, k])) for name, values in seconds.items()}
                        for k in (0, 1))
    print(f"\n### {kind}\n\n| an epoch of {STEPS} steps | median | least | most | processor time |")
    print("|---|---|---|---|---|")
    for name, text in CONTESTANTS.items():
        values = np.array(seconds[name])[:, 0]
        print(f"| {text} | {clock[name]:.2f} s | {values.min():.2f} | {values.max():.2f} | {processor[name]:.2f} s |")
    for text, medians in (("By the clock", clock), ("In processor time", processor)):
        tfmr, ours, plain = ([medians[name] / medians["fairkit"] for name in ("tfmr", "tfmr_our_batches")],
                             medians["fairkit"], medians["plain"])
        print(f"\n{text}, TFMR takes {tfmr[0]:.2f} times as long as fairkit, on fairkit's batches {tfmr[1]:.2f} "
              f"(target: {LEAST_GAIN} or more); fairkit takes {ours / plain:.2f} times as long as plain fit (target: "
              f"{3 * MOST_RATIO:.1f} or less); its batches alone take {medians['batches'] / ours:.2f} of its epoch.",
              flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=("digits", "texts"), default=["digits", "texts"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contestant:
        work(arguments.contestant, arguments.models[0])
    else:
        for each in arguments.models:
            report(each, measure(each, arguments.rounds))
