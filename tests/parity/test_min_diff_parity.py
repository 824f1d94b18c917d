"""fairkit's MinDiffModel on Keras 3 against TFMR's on Keras 2: the same weights and batches in, the same out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import remediation

pytest.importorskip("tf_keras")

MLP = [["Dense", {"units": 8, "activation": "relu"}], ["Dense", {"units": 1, "activation": "sigmoid"}]]
SOFTMAX = [["Dense", {"units": 8, "activation": "tanh"}], ["Dense", {"units": 3, "activation": "softmax"}]]
NORMED = [["Dense", {"units": 8}], ["BatchNormalization", {}], ["Dense", {"units": 1, "activation": "sigmoid"}]]
PENALIZED = [["Dense", {"units": 8, "activation": "relu", "activity_regularizer": "l2", "kernel_regularizer": "l2"}],
             ["Dense", {"units": 1, "activation": "sigmoid"}]]
WORDS = [["ReLU", {"max_value": 3.0}], ["Embedding", {"input_dim": 4, "output_dim": 3}], ["Flatten", {}],
         ["Dense", {"units": 1, "activation": "sigmoid"}]]   # the same few words many times in a batch
SGD, ADAM = ["SGD", {"learning_rate": 0.1, "momentum": 0.9}], ["Adam", {"learning_rate": 0.01}]
RMSPROP = ["RMSprop", {"learning_rate": 0.01}]
GAUSSIAN, LAPLACIAN = ["MMDLoss", {}], ["MMDLoss", {"kernel": "laplacian"}]
CORRELATION, ADJUSTED = ["AbsoluteCorrelationLoss", {}], ["AdjustedMMDLoss", {}]


def case(name, layers=MLP, min_diff=GAUSSIAN, optimizer=SGD, weight=1.5, loss="binary_crossentropy", chosen=None, y="y",
         weights=False, eagerly=False):
    more = {key: [f"{key}_weight"] if weights else [] for key in ("x", "s", "n")}
    return {"name": name, "layers": layers, "min_diff": min_diff, "optimizer": optimizer, "weight": weight,
            "loss": loss, "class": chosen, "batch": 16, "eagerly": eagerly, "main": ["x", y, *more["x"]],
            "sensitive": ["s", "s_y", *more["s"]], "nonsensitive": ["n", "n_y", *more["n"]]}


CASES = [
    case("mmd_gaussian_sgd"),
    case("mmd_gaussian_adam", optimizer=ADAM),
    case("mmd_gaussian_rmsprop", optimizer=RMSPROP),
    # TFMR's Laplacian kernel has NaN gradients in graphs; see fairkit.remediation.LaplacianKernel.
    case("mmd_laplacian", min_diff=LAPLACIAN, optimizer=["SGD", {"learning_rate": 0.01}], eagerly=True),
    case("absolute_correlation", min_diff=CORRELATION),
    case("adjusted_mmd", min_diff=ADJUSTED, optimizer=["SGD", {"learning_rate": 0.01}], weight=0.5),
    case("softmax_class", layers=SOFTMAX, loss="sparse_categorical_crossentropy", chosen=2, y="y3"),
    case("example_weights", weights=True),
    case("batch_normalization", layers=NORMED),
    case("regularizers", layers=PENALIZED),
    case("without_effect", weight=0.0),
    *(case(f"embedding_{optimizer[0]}", layers=WORDS, optimizer=optimizer) for optimizer in (SGD, ADAM, RMSPROP)),
]


def build(layers):
    made = [getattr(keras.layers, kind)(**settings) for kind, settings in layers]
    return keras.Sequential([keras.Input((4,)), *made])


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    n = 16 * 4
    data = {"x": rng.normal(size=(n, 4)), "s": rng.normal(0.7, 1, size=(n, 4)), "n": rng.normal(size=(n, 4)),
            "x_weight": rng.uniform(0.5, 2, n), "s_weight": rng.uniform(0, 3, (n, 1)),
            "n_weight": rng.uniform(0, 3, (n, 1))}
    data["y"] = (data["x"].sum(axis=1, keepdims=True) > 0) * 1.0
    data["y3"] = np.digitize(data["x"][:, 0], [-0.5, 0.5])
    data["s_y"] = data["n_y"] = np.zeros(n)
    data = {key: value.astype(np.float32) for key, value in data.items()}
    for number, spec in enumerate(CASES):
        keras.utils.set_random_seed(number)
        data |= {f"{spec['name']}/w{i}": w for i, w in enumerate(build(spec["layers"]).get_weights())}
    return data


@pytest.fixture(scope="module")
def tfmr(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfmr")
    (folder / "cases.json").write_text(json.dumps(CASES))
    np.savez(folder / "data.npz", **data)
    subprocess.run([sys.executable, Path(__file__).with_name("tfmr_on_tf_keras.py"), folder / "cases.json",
                    folder / "data.npz", folder / "results.npz"], check=True, timeout=300, capture_output=True,
                   env=os.environ | {"TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1"})
    with np.load(folder / "results.npz") as stored:
        return dict(stored)


@pytest.mark.parametrize("spec", CASES, ids=lambda spec: spec["name"])
def test_training_agrees_with_tfmr(spec, data, tfmr):
    model = build(spec["layers"])
    model.set_weights([data[f"{spec['name']}/w{i}"] for i in range(len(model.get_weights()))])
    kind, settings = spec["min_diff"]
    transform = None if spec["class"] is None else remediation.ClassScore([spec["class"]])
    wrapper = remediation.MinDiffModel(model, getattr(remediation, kind)(**settings), spec["weight"], transform)
    kind, settings = spec["optimizer"]
    wrapper.compile(getattr(keras.optimizers, kind)(**settings), spec["loss"])
    batches = [tf.data.Dataset.from_tensor_slices(tuple(data[key] for key in keys)).batch(spec["batch"])
               for keys in (spec["main"], spec["sensitive"], spec["nonsensitive"])]
    packed = remediation.pack_min_diff_data(*batches)
    ours = wrapper.fit(packed, epochs=3, verbose=0, shuffle=False).history
    ours |= {f"evaluated_{key}": value for key, value in wrapper.evaluate(packed, return_dict=True, verbose=0).items()}
    ours |= {f"w{i}": w for i, w in enumerate(model.get_weights())}
    theirs = {key.split("/")[1]: value for key, value in tfmr.items() if key.startswith(spec["name"] + "/")}
    assert sorted(ours) == sorted(theirs)
    assert {"loss", "min_diff_loss", "evaluated_min_diff_loss"} <= set(ours)
    moved = max(np.abs(theirs[f"w{i}"] - data[f"{spec['name']}/w{i}"]).max() for i in range(len(model.get_weights())))
    assert moved > 0.01
    for key, value in theirs.items():
        np.testing.assert_allclose(ours[key], value, rtol=1e-5, atol=1e-5, err_msg=key)


def test_weights_of_one_dimension_count_as_a_column():
    rng = np.random.default_rng(1)
    rows, weights = rng.normal(size=(8, 4)).astype(np.float32), rng.uniform(0.1, 3, 8).astype(np.float32)
    values = []
    for column in (weights, weights[:, None]):
        batches = tf.data.Dataset.from_tensor_slices((rows, np.zeros(8), column)).batch(8)
        x, membership, weight = next(iter(remediation.build_min_diff_dataset(batches, batches)))
        assert weight.shape == (16, 1)
        values.append(remediation.MMDLoss(enable_summary_histogram=False)(
            membership, x[:, :1] + membership, weight).numpy())
    assert values[0] == pytest.approx(values[1], rel=1e-6)
