"""What TensorFlow Model Analysis computed, as results that a board can show: its objects, and its folders."""

from pathlib import Path

from fairkit.errors import FairkitError, quote
from fairkit.evaluation.files import load_evaluation
from fairkit.evaluation.tfma.format import models_in, of_output, tfma_place
from fairkit.evaluation.tfma.result import load_tfma, tfma_evaluation

__all__ = ["from_eval_result", "from_eval_results", "from_folder"]


def from_folder(folder, output=None, model=None):
    """[(name, evaluation)] of a folder with TFMA's files, or of a run or an evaluation that fairkit saved.

    Args:
        folder: the files may also be in its subfolder `evaluation`. One of several models gives each of them.
        output: the output of a model that has several.
        model: the name of the only model to give.

    Raises:
        FairkitError: for a folder without a result, with one that cannot be read, or whose output has to be named.
    """
    folder = Path(folder)
    place = tfma_place(folder)
    name = folder.parent.name if folder.name == "evaluation" else folder.name
    if place is None or (folder / "cells.npz").is_file():
        return [(name, load_evaluation(folder, model, output))]
    models = models_in(place)
    if model is not None or len(models) < 2:
        return [(name if model is None else model, _with_numbers(load_tfma(place, model, output)))]
    return [(each, _with_numbers(load_tfma(place, each, output))) for each in models]


def from_eval_results(results, output=None):
    """[(name, evaluation)] of `tfma.EvalResults`, named after the models, or the data where the model is the same."""
    found = results.get_results()
    places = [[Path(getattr(result, of) or "").name for result in found] for of in ("model_location", "data_location")]
    names = next((each for each in places if all(each) and len(set(each)) == len(each)), [None] * len(found))
    return [(name, from_eval_result(result, output)) for name, result in zip(names, found, strict=True)]


def from_eval_result(result, output=None):
    """The `TfmaEvaluation` of an `EvalResult`, as `tfma.load_eval_result` or `tfma.run_model_analysis` give it.

    Raises:
        FairkitError: if it holds no number, or several outputs of which none is named.
    """
    return _with_numbers(tfma_evaluation(of_output(result, output)))


def _with_numbers(evaluation):
    if not evaluation.values:
        raise FairkitError("the TFMA result holds no number, which a board shows",
                           "at least one metric that is a number", quote(evaluation))
    return evaluation
