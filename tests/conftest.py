import gc
import os
import sys

import hypothesis
import pytest

# Seeded, so that a failure in CI is the same failure at home; no deadlines, since two cores are shared.
hypothesis.settings.register_profile("fairkit", deadline=None, derandomize=True)
hypothesis.settings.load_profile("fairkit")
if "PYTEST_XDIST_WORKER" in os.environ:   # as many workers as cores: one thread each
    for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(threads, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
gc.set_threshold(20_000, 10, 20)   # graphs are many small objects: a sixth of all time went into looking for garbage
os.environ.setdefault("BROWSER", "true")   # a board that is shown opens no window while tests run

_MANY = 500   # modules: TensorFlow, Keras, Beam and TFMA bring more than that each


def pytest_collection_finish(session):
    _leave_alone()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    before = len(sys.modules)
    try:
        return (yield)
    finally:
        if len(sys.modules) > before + _MANY:
            _leave_alone()


def _leave_alone():
    """Spares the garbage collector the modules that are loaded."""
    gc.collect()
    gc.freeze()
