"""A process of a sweep: `python -m fairkit.remediation.sweeps.worker`.

It reads one JSON line that says what the sweep is, then one for each training, and answers each in JSON lines. When its
input ends, it ends, also in the middle of a training: the sweep was stopped, or is gone.
"""

import _thread
import importlib
import json
import os
import queue
import sys
import threading
import time

__all__ = ["main"]

_GRACE = 5.0   # seconds that an interrupted training has to take away its temporary files


def main():
    """Answers on what standard output was; whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    lines = queue.Queue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()

    def answer(**message):
        answers.write(json.dumps(message) + "\n")

    try:
        _work(lines, answer)
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(1)
    os._exit(0)  # threads of TensorFlow's need not be waited for


def _listen(lines):
    for line in sys.stdin:
        lines.put(json.loads(line))
    lines.put(None)
    _thread.interrupt_main()
    time.sleep(_GRACE)
    os._exit(1)


def _work(lines, answer):
    from fairkit.remediation.sweeps.options import from_plain
    from fairkit.remediation.sweeps.training import error_text, train_run

    about = lines.get()
    if about is None:
        return
    try:
        source, train, validation = _made_ready(about)
    except Exception as error:
        answer(event="refused", error=error_text(error))
        return
    answer(event="ready")
    while (task := lines.get()) is not None:
        try:
            for module in task["modules"]:   # which this program's own user handed over; no file names them
                importlib.import_module(module)
            train_run(task["place"], source(task["seed"]), train, validation, from_plain(task["options"]), task["seed"],
                      on_epoch=lambda: answer(event="epoch"))
        except Exception as error:
            answer(event="failed", error=error_text(error))
        else:
            answer(event="done")


def _made_ready(about):
    """(function from a seed to what is trained, training examples, validation examples)."""
    from fairkit.quiet import tf

    tf.config.threading.set_intra_op_parallelism_threads(about["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(about["threads"])
    from fairkit.models.saved_model_layer import trusted_digests
    from fairkit.remediation.sweeps.stored_examples import read_examples
    from fairkit.remediation.sweeps.stored_model import source_of

    trusted_digests(about["trusted"])
    for module in about["modules"]:
        importlib.import_module(module)
    source_of(about["folder"], about["seed"])  # so that a model that cannot be loaded here is found out at once
    examples = (read_examples(part["path"], part["about"]) for part in about["examples"])
    return (lambda seed: source_of(about["folder"], seed)), *examples


if __name__ == "__main__":
    main()
