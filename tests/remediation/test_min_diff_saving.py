import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fairkit import models
from fairkit.remediation import ClassScore, MinDiffModel, MMDLoss, UnbiasedMMDLoss, pack_min_diff_data

layers = keras.layers
X = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
Y = np.arange(16) % 2


@pytest.fixture(scope="module")
def fitted():
    model = keras.Sequential([keras.Input((4,), name="x"), layers.Dense(3), layers.BatchNormalization(),
                              layers.Dense(2, activation="softmax")])
    losses = {"one": MMDLoss("laplacian", kernel_length="median"), "two": UnbiasedMMDLoss(kernel_length=0.3)}
    wrapper = MinDiffModel(model, losses, {"two": 0.5}, ClassScore([1]))
    wrapper.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    rows = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
    wrapper.fit(pack_min_diff_data(rows, {"one": rows, "two": rows}, {"one": rows, "two": rows}), verbose=0,
                shuffle=False)
    return wrapper


def test_another_process_loads_it_without_custom_objects(fitted, tmp_path):
    models.save(fitted, tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", X)
    paths = [tmp_path / name for name in ("model.keras", "x.npy", "scores.npy")]
    done = subprocess.run([sys.executable, Path(__file__).with_name("loaded_without_custom_objects.py"), *paths],
                          capture_output=True, text=True, timeout=300, env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"})
    assert done.returncode == 0, done.stderr[-2000:]
    np.testing.assert_allclose(np.load(paths[2]), fitted.predict(X, verbose=0), rtol=1e-6)


def test_nothing_in_the_file_is_pickled(fitted, tmp_path):
    models.save(fitted, tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
        config = archive.read("config.json").decode()
    for word in ("dill", "pickle", "__lambda__", "gAS", "\\x80"):
        assert word not in config


def test_export_serves_the_original(fitted, tmp_path):
    fitted.export(str(tmp_path / "served"), verbose=False)
    np.testing.assert_allclose(models.load(tmp_path / "served")(X), fitted.predict(X, verbose=0), rtol=1e-5)
