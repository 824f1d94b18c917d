import subprocess
import sys

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.lazy_rows import plain_errors
from fairkit.quiet import keras, tf


class Reader:
    """Rows that are slow to read, of which one cannot be."""

    def __len__(self):
        return 40

    def __getitem__(self, index):
        if np.any(np.asarray(index) == 30):
            raise FairkitError("row 30 is damaged", "a whole row", "half of one")
        return np.zeros((len(np.arange(40)[index]), 2), np.float32)


def test_the_error_of_a_reader_is_raised_as_it_is():
    examples = fairkit.Examples(inputs=Reader(), labels=np.arange(40) % 2, groups={})
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.raises(FairkitError, match="^row 30 is damaged. Expected: a whole row. Received: half of one$"):
        fairkit.predict(model, examples)
    with pytest.raises(FairkitError, match="^row 30"), plain_errors():
        model.fit(examples.batches(4, shuffle=False), verbose=0)
    with pytest.raises(tf.errors.InvalidArgumentError), plain_errors():
        tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])


def test_a_process_ends_while_rows_are_being_prefetched():
    program = """
import time
import numpy as np
import fairkit
class Slow:
    def __len__(self): return 10_000
    def __getitem__(self, index):
        until = time.monotonic() + .02
        while time.monotonic() < until: pass
        return np.zeros((len(np.arange(10_000)[index]), 2))
examples = fairkit.Examples(inputs=Slow(), labels=np.zeros(10_000, int), groups={})
iterator = iter(examples.batches(4))
next(iterator)
print("done")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0 and ended.stdout == "done\n", ended.stderr
