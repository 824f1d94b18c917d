"""Run by test_counterfactual_parity.py in a process of its own: TFMR's CounterfactualModel on Keras 2, case by case.

Usage: tfmr_counterfactual_on_tf_keras.py cases.json data.npz results.npz, with TF_USE_LEGACY_KERAS=1 set.
"""

import json
import sys

import numpy as np
import tensorflow as tf
from tensorflow_model_remediation import counterfactual


def train(case, data):
    layers = [getattr(tf.keras.layers, kind)(**settings) for kind, settings in case["layers"]]
    model = tf.keras.Sequential([tf.keras.Input(data["x"].shape[1:]), *layers])
    model.set_weights([data[f"{case['name']}/w{i}"] for i in range(len(model.get_weights()))])
    wrapper = counterfactual.keras.CounterfactualModel(
        model, getattr(counterfactual.losses, case["pairwise"])(), case["weight"])
    kind, settings = case["optimizer"]
    wrapper.compile(getattr(tf.keras.optimizers, kind)(**settings), case["loss"], metrics=[case["metric"]])
    main, pairs = (tf.data.Dataset.from_tensor_slices(tuple(data[key] for key in keys)).batch(case["batch"])
                   for keys in (case["main"], case["pairs"]))
    packed = counterfactual.keras.utils.pack_counterfactual_data(main, pairs)
    fitted = wrapper.fit(packed, epochs=3, verbose=0)
    evaluated = wrapper.evaluate(packed, return_dict=True, verbose=0)
    plain = wrapper.evaluate(main, return_dict=True, verbose=0)
    results = {key: np.array(values) for key, values in fitted.history.items()}
    results |= {f"evaluated_{key}": np.array(value) for key, value in evaluated.items()}
    results |= {f"plain_{key}": np.array(value) for key, value in plain.items()}
    return results | {f"w{i}": w for i, w in enumerate(model.get_weights())}


def removed(texts, terms):
    made = counterfactual.keras.utils.build_counterfactual_data(tf.data.Dataset.from_tensor_slices(texts), terms)
    return [[part.numpy().decode() if part.dtype == tf.string else float(part) for part in element]
            for element in made]


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        asked = json.load(file)
    with np.load(sys.argv[2]) as stored:
        data = dict(stored)
    results = {f"{case['name']}/{key}": value for case in asked["cases"] for key, value in train(case, data).items()}
    np.savez(sys.argv[3], **results)
    with open(sys.argv[1], "w") as file:
        json.dump(removed(*asked["removed"]), file)
