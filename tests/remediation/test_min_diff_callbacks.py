import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np

import fairkit
from fairkit import models
from fairkit.remediation import MinDiffModel

layers = keras.layers
RNG = np.random.default_rng(0)
LABELS = np.arange(96) % 2
TRAIN = fairkit.Examples(inputs=RNG.normal(LABELS[:, None], 1, (96, 3)).astype(np.float32), labels=LABELS,
                         groups={"color": np.where(np.arange(96) % 3, "blue", "orange")})


def network():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="tanh"),
                              layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    return model


def remediate(*callbacks, epochs=6):
    return fairkit.remediate(network(), TRAIN, sensitive={"color": "orange"}, epochs=epochs, batch_size=16,
                             min_diff_batch_size=8, validation=TRAIN.take(np.arange(32)), callbacks=list(callbacks))


def test_early_stopping_restores_the_best_weights():
    kept = {}

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept[epoch] = self.model.get_weights()

    stopping = keras.callbacks.EarlyStopping("min_diff_loss", mode="max", patience=1, restore_best_weights=True)
    result = remediate(Keep(), stopping, epochs=40)
    losses = result.history["min_diff_loss"]
    assert len(losses) < 40 and stopping.best_epoch == int(np.argmax(losses))
    for restored, best in zip(result.model.get_weights(), kept[stopping.best_epoch]):
        np.testing.assert_array_equal(restored, best)


def test_checkpoints_load_as_the_model_of_their_epoch(tmp_path):
    result = remediate(keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras"),
                       keras.callbacks.ModelCheckpoint(tmp_path / "best.weights.h5", save_weights_only=True,
                                                       monitor="val_loss"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.keras", "2.keras", "3.keras", "4.keras", "5.keras",
                                                                "6.keras", "best.weights.h5"]
    last = models.load(tmp_path / "6.keras")
    assert isinstance(last, MinDiffModel)
    np.testing.assert_array_equal(last.predict(TRAIN.inputs, verbose=0), result.model.predict(TRAIN.inputs, verbose=0))
    again = MinDiffModel(network(), "mmd")
    again.load_weights(tmp_path / "best.weights.h5")
    np.testing.assert_allclose(again.predict(TRAIN.inputs, verbose=0), last.predict(TRAIN.inputs, verbose=0), rtol=1e-6)


def test_a_killed_training_goes_on_at_the_epoch_boundary(tmp_path):
    def run(how):
        return subprocess.run([sys.executable, Path(__file__).with_name("resumed_training.py"), tmp_path, how],
                              capture_output=True, text=True, timeout=300,
                              env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"})

    def read(name):
        return json.loads((tmp_path / name).read_text())

    assert run("kill").returncode == -signal.SIGKILL
    assert not (tmp_path / "end.json").exists()
    iterations, weights = read("boundary.json")
    assert iterations == 2 * 8   # 64 examples in batches of 8, two whole epochs
    finished = run("finish")
    assert finished.returncode == 0, finished.stderr[-2000:]
    start, resumed = read("start_finish.json")
    assert start == iterations
    for ours, saved in zip(resumed, weights, strict=True):
        np.testing.assert_allclose(ours, saved, rtol=1e-6)
    epochs, reported, last = read("end.json")
    assert epochs == [2, 3, 4] and reported == 3 and last == 5 * 8
