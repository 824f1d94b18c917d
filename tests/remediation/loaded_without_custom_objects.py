"""Run by test_min_diff_saving.py in a process of its own, which did not make the saved model.

Usage: loaded_without_custom_objects.py model.keras inputs.npy outputs.npy
"""

import sys

import keras
import numpy as np

from fairkit.remediation import MinDiffModel

if __name__ == "__main__":
    wanted = MinDiffModel   # importing it registers it with Keras, and with it the losses, kernels and ClassScore
    model = keras.models.load_model(sys.argv[1])
    assert type(model) is wanted
    np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
