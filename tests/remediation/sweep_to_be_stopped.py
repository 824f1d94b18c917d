"""A program that sweeps into a folder: a control and a loss weight, two seeds each; the tests stop it."""

import sys

import numpy as np

import fairkit
from fairkit.quiet import keras
from fairkit.remediation.sweeps.sweeping import sweep

TRAININGS = 4


def swept(folder):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 600)
    color = np.where(rng.random(600) < 0.3 + 0.4 * labels, "orange", "blue")
    inputs = np.stack([labels + rng.normal(0, 1, 600), color == "orange"], axis=1).astype("float32")
    examples = fairkit.Examples(inputs=inputs, labels=labels, groups={"color": color})
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")])
    return sweep(model, examples, slices=["color"], sensitive={"color": "orange"}, loss_weights=[2], seeds=[0, 1],
                 epochs=1, batch_size=32, jobs=1, folder=folder)


if __name__ == "__main__":
    try:
        swept(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
