"""TensorFlow and what stands on it, imported without their start-up chatter.

`from fairkit.quiet import tf, keras, tfma` imports each when it is first asked for. The chatter comes from C++ before
any log level applies, so the file descriptor is turned away while the import runs; Python warnings and exceptions
pass as ever.
"""

import contextlib
import gc
import importlib
import logging
import os
import sys
import tempfile
import warnings

from fairkit.errors import quote

__all__ = ["no_retracing_alarm", "silence"]

_MODULES = {"tf": "tensorflow", "keras": "keras", "tfma": "tensorflow_model_analysis"}


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {quote(__name__)} has no attribute {quote(name)}")
    with silence(), _garbage_left_alone():
        module = importlib.import_module(_MODULES[name])
        # The search for accelerators chatters too, when it first happens; it sets up nothing.
        importlib.import_module("tensorflow").config.list_physical_devices()
    globals()[name] = module
    return module


@contextlib.contextmanager
def _garbage_left_alone():
    """Imports make objects that stay: to look for garbage among them took a third of the time of TFMA's import."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextlib.contextmanager
def silence():
    """Keeps off the terminal what native code and imports write to standard error; shows it if they fail."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # no standard error to keep clean
        yield
        return
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
                yield
        except BaseException:
            written.seek(0)
            os.write(kept, written.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextlib.contextmanager
def no_retracing_alarm():
    """Keeps TensorFlow from warning of retracing where each of several models is traced but once.

    It counts the traces of a function by its code, and the code is Keras's own, the same for all models.
    """
    def other(record):
        return "triggered tf.function retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)
