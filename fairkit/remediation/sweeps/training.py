"""One training of a sweep: from a model and arguments to a folder that is there whole or not at all."""

import time

from fairkit.folders import new_folder
from fairkit.predictions import predict

__all__ = ["MODEL", "PREDICTIONS", "error_text", "train_run", "with_pairs"]

MODEL, PREDICTIONS = "model.keras", "predictions.parquet"


def train_run(place, model_or_builder, train, validation, options, seed, on_epoch=None):
    """Trains a candidate with one seed, predicts the validation split, and writes both into the folder `place`.

    Args:
        place: of the new folder: the model, its predictions, and run.json with settings, history and seconds.
        model_or_builder, options, seed: for `fairkit.remediate`.
        train, validation: `Examples`.
        on_epoch: is called after each epoch.
    """
    from fairkit.evaluation.predictions_file import save_predictions
    from fairkit.models import save
    from fairkit.quiet import keras
    from fairkit.remediation.remediating import remediate

    started = time.perf_counter()
    ticks = [keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: on_epoch())] if on_epoch else None
    made = remediate(model_or_builder, train, **with_pairs(options, train, seed), seed=seed, callbacks=ticks)
    predictions = predict(made.model, validation, from_logits=options.get("from_logits", False))
    about = {"command": "sweep", "seed": seed, "settings": made.settings, "history": made.history,
             "seconds": round(time.perf_counter() - started, 3)}
    with new_folder(place, about) as new:
        save(made.model, new / MODEL)
        save_predictions(predictions, new / PREDICTIONS)


def with_pairs(options, train, seed):
    """Arguments of `fairkit.remediate`, in which a swap is replaced by the pairs that it makes of the examples."""
    from fairkit.remediation.counterfactual_pairs import pairs_of

    swap = options.get("counterfactuals")
    return options if swap is None else {**options, "counterfactuals": pairs_of(train, swap, seed)}


def error_text(error):
    """An exception in one line, for a table."""
    from fairkit.errors import FairkitError

    text = " ".join(str(error).split())[:400]
    return text if isinstance(error, FairkitError) else f"{type(error).__name__}: {text}".rstrip(": ")
