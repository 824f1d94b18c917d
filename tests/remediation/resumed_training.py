"""Run by test_min_diff_callbacks.py in processes of its own: a training that is killed in its third epoch, or not.

Usage: resumed_training.py folder kill|finish. With "kill" the process kills itself in the middle of the third epoch.
"""

import json
import os
import signal
import sys
from pathlib import Path

import keras
import numpy as np

import fairkit


def main(folder, kill):
    rng = np.random.default_rng(0)
    labels = np.arange(64) % 2
    train = fairkit.Examples(inputs=rng.normal(labels[:, None], 1, (64, 3)).astype(np.float32), labels=labels,
                             groups={"color": np.where(np.arange(64) % 3, "blue", "orange")})
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"),
                              keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    epochs = []

    class Seen(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            epochs.append(epoch)
            if len(epochs) == 1:
                folder.joinpath(f"start_{kill}.json").write_text(json.dumps(
                    [int(self.model.optimizer.iterations), [w.tolist() for w in self.model.get_weights()]]))

        def on_epoch_end(self, epoch, logs=None):
            folder.joinpath("boundary.json").write_text(json.dumps(
                [int(self.model.optimizer.iterations), [w.tolist() for w in self.model.get_weights()]]))

        def on_train_batch_end(self, batch, logs=None):
            if kill == "kill" and len(epochs) == 3 and batch == 1:
                os.kill(os.getpid(), signal.SIGKILL)

    result = fairkit.remediate(model, train, sensitive={"color": "orange"}, epochs=5, batch_size=8,
                               min_diff_batch_size=8, callbacks=[keras.callbacks.BackupAndRestore(folder / "backup"),
                                                                 Seen()])
    folder.joinpath("end.json").write_text(json.dumps([epochs, len(result.history["loss"]),
                                                       int(result.model.optimizer.iterations)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
