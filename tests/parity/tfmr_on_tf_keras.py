"""Run by test_min_diff_parity.py in a process of its own: TFMR's MinDiffModel on Keras 2, case by case.

Usage: tfmr_on_tf_keras.py cases.json data.npz results.npz, with TF_USE_LEGACY_KERAS=1 in the environment.
"""

import json
import sys

import numpy as np
import tensorflow as tf
from tensorflow_model_remediation import min_diff


def train(case, data):
    layers = [getattr(tf.keras.layers, kind)(**settings) for kind, settings in case["layers"]]
    model = tf.keras.Sequential([tf.keras.Input(data["x"].shape[1:]), *layers])
    model.set_weights([data[f"{case['name']}/w{i}"] for i in range(len(model.get_weights()))])
    kind, settings = case["min_diff"]
    chosen = case["class"]
    wrapper = min_diff.keras.MinDiffModel(
        model, getattr(min_diff.losses, kind)(enable_summary_histogram=False, **settings), case["weight"],
        None if chosen is None else lambda p: p[:, chosen:chosen + 1])
    kind, settings = case["optimizer"]
    wrapper.compile(getattr(tf.keras.optimizers, kind)(**settings), case["loss"],
                    run_eagerly=case["eagerly"])
    batches = [tf.data.Dataset.from_tensor_slices(tuple(data[key] for key in keys)).batch(case["batch"])
               for keys in (case["main"], case["sensitive"], case["nonsensitive"])]
    fitted = wrapper.fit(min_diff.keras.utils.pack_min_diff_data(*batches), epochs=3, verbose=0)
    evaluated = wrapper.evaluate(min_diff.keras.utils.pack_min_diff_data(*batches), return_dict=True, verbose=0)
    results = {key: np.array(values) for key, values in fitted.history.items()}
    results |= {f"evaluated_{key}": np.array(value) for key, value in evaluated.items()}
    return results | {f"w{i}": w for i, w in enumerate(model.get_weights())}


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    with np.load(sys.argv[2]) as stored:
        data = dict(stored)
    results = {f"{case['name']}/{key}": value for case in cases for key, value in train(case, data).items()}
    np.savez(sys.argv[3], **results)
