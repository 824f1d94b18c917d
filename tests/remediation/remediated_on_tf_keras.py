"""Run by test_legacy_keras.py in a process of its own: fairkit's calls with models of Keras 2.

Usage: remediated_on_tf_keras.py results.json, with TF_USE_LEGACY_KERAS=1 in the environment or without.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow_model_remediation import min_diff

import fairkit
from fairkit.remediation import ClassScore, MinDiffModel, pack_min_diff_data

layers = tf_keras.layers


def table(n=400):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    orange = rng.random(n) < np.where(labels == 1, 0.9, 0.2)
    x = np.stack([labels + rng.normal(0, 0.7, n), orange + rng.normal(0, 0.1, n)], axis=1).astype(np.float32)
    return fairkit.Examples(inputs=x, labels=labels, groups={"color": np.where(orange, "orange", "blue")})


def network():
    model = tf_keras.Sequential([tf_keras.Input((2,)), layers.Dense(8, "relu"), layers.Dense(1, "sigmoid")])
    model.compile(tf_keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    return model


def by_class(data):
    wrapper = MinDiffModel(network(), {"one": "mmd", "two": "unbiased_mmd"}, {"one": 2.0}, ClassScore())
    rows = tf.data.Dataset.from_tensor_slices((data.inputs, data.labels)).batch(20)
    wrapper.compile("adam", "binary_crossentropy")
    history = wrapper.fit(pack_min_diff_data(rows, {"one": rows, "two": rows}, {"one": rows, "two": rows}), verbose=0)
    return {"is_tfmr": type(wrapper) is min_diff.keras.MinDiffModel, "metrics": sorted(history.history)}


def by_remediate(data):
    model = network()
    start = model.get_weights()
    gaps = {}
    for weight in (0.0, 5.0):
        fixed = fairkit.remediate(model, data, sensitive={"color": "orange"}, loss_weight=weight, epochs=8,
                                  batch_size=32, min_diff_batch_size=16, seed=1)
        scores, orange = fairkit.predict(fixed.model, data).scores, np.array(data.groups["color"].to_list()) == "orange"
        negatives = data.labels == 0
        gaps[str(weight)] = float(scores[negatives & orange].mean() - scores[negatives & ~orange].mean())
    again = fairkit.remediate(model, data, sensitive={"color": "orange"}, loss_weight=5.0, epochs=8, batch_size=32,
                              min_diff_batch_size=16, seed=1)
    plain = fairkit.remediate(network(), data, epochs=1, seed=1)
    words = layers.TextVectorization(output_sequence_length=2)
    words.adapt(["kind day", "cruel day"])
    reader = tf_keras.Sequential([tf_keras.Input((), dtype="string"), words, layers.Embedding(5, 2), layers.Flatten(),
                                  layers.Dense(1, "sigmoid")])
    texts = fairkit.Examples(inputs=["kind day", "cruel day"] * 10, labels=[0, 1] * 10,
                             groups={"color": ["orange", "orange", "blue", "blue"] * 5})
    read = fairkit.remediate(reader, texts, sensitive={"color": "orange"}, epochs=1, batch_size=5)
    return {"gaps": gaps, "untouched": all((a == b).all() for a, b in zip(start, model.get_weights())),
            "same": all((a == b).all() for a, b in zip(again.model.get_weights(), fixed.model.get_weights())),
            "tf_keras": isinstance(fixed.model, tf_keras.Sequential), "settings": fixed.settings,
            "plain": sorted(plain.history), "words": read.model.layers[0].get_vocabulary() == words.get_vocabulary()}


class Subclassed(tf_keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1, "sigmoid")

    def call(self, inputs):
        return self.dense(inputs)


def by_inputs(data):
    """Spare inputs, models that declare nothing, and an output in a dict."""
    first, second = tf_keras.Input((1,), name="b"), tf_keras.Input((1,), name="a")
    score = layers.Activation("sigmoid")(first - 2 * second)
    x = np.asarray(data.inputs, np.float32)
    columns = fairkit.Examples(inputs={"a": x[:, 0], "aa": x[:, 1] * 9, "b": x[:, 1]}, labels=data.labels, groups={})
    right = 1 / (1 + np.exp(2 * x[:, 0] - x[:, 1]))
    off = [float(np.abs(fairkit.predict(tf_keras.Model(inputs, outputs), columns).scores - right).max())
           for inputs, outputs in (({"b": first, "a": second}, score), ([first, second], score),
                                   ({"b": first, "a": second}, {"tox": score}))]
    built = [sorted(fairkit.remediate(made, data, epochs=1).history)
             for made in (lambda: Subclassed(), tf_keras.Sequential([layers.Dense(1, "sigmoid")]))]
    try:
        fairkit.remediate(tf_keras.Model({"b": first, "a": second}, {"tox": score}), columns)
    except fairkit.FairkitError as error:
        return {"off": off, "built": built, "refused": str(error)}


def refused(data):
    try:
        MinDiffModel(network(), "mmd")
    except fairkit.FairkitError as error:
        return {"refused": str(error)}


if __name__ == "__main__":
    parts = [by_class, by_remediate, by_inputs] if os.environ.get("TF_USE_LEGACY_KERAS") == "1" else [refused]
    Path(sys.argv[1]).write_text(json.dumps({part.__name__: part(table()) for part in parts}))
