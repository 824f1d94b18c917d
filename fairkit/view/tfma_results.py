"""What TensorFlow Model Analysis computed, as results that a board can show: its objects, and its folders."""

from pathlib import Path

from fairkit.errors import FairkitError, nearest, quote
from fairkit.evaluation.files import load_evaluation
from fairkit.evaluation.tfma.format import loaded, values_of
from fairkit.evaluation.tfma.result import TfmaEvaluation

__all__ = ["from_eval_result", "from_eval_results", "from_folder"]

_CONFIG = "eval_config.json"


def from_folder(folder, output=None):
    """[(name, evaluation)] of a folder with TFMA's files, or of a run or an evaluation that fairkit saved.

    Args:
        folder: the files may also be in its subfolder `evaluation`. One of several models gives each of them.
        output: the output of a model that has several.

    Raises:
        FairkitError: for a folder without a result, with one that cannot be read, or whose output has to be named.
    """
    folder = Path(folder)
    place = next((p for p in (folder, folder / "evaluation") if (p / _CONFIG).is_file()), None)
    name = folder.parent.name if folder.name == "evaluation" else folder.name
    if place is None or (folder / "cells.npz").is_file():
        return [(name, load_evaluation(folder))]
    models = _models_in(place)
    if len(models) < 2:
        return [(name, from_eval_result(loaded(place), output))]
    return [(model, from_eval_result(_of_model(place, model), output)) for model in models]


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
    outputs = list(dict.fromkeys(name for _, metrics in result.slicing_metrics for name in metrics or {}))
    if output is not None and output not in outputs:
        raise FairkitError(f"the TFMA result has no output {quote(output)}", nearest(output, outputs), quote(output))
    if output is None and len(outputs) > 1:
        raise FairkitError("the TFMA result is of several outputs", f"output= one of {outputs}", "no output")
    wanted = outputs[:1] if output is None else [output]
    metrics = [(key, {name: metrics[name] for name in wanted if name in (metrics or {})})
               for key, metrics in result.slicing_metrics]
    values = values_of(result._replace(slicing_metrics=metrics))
    if not values:
        raise FairkitError("the TFMA result holds no number", "at least one metric that is a number",
                           f"{len(result.slicing_metrics)} slices without one")
    return TfmaEvaluation(values, result.config, files={})


def _models_in(folder):
    """The names of the models: the baseline first, then as the config has them; the file itself has no order."""
    from fairkit.quiet import silence

    with silence():
        from tensorflow_model_analysis.writers import eval_config_writer
    try:
        config, _, _, locations = eval_config_writer.load_eval_run(str(folder))
    except Exception as error:
        raise FairkitError("the TFMA result cannot be read", f"an {_CONFIG} that TFMA wrote",
                           f"{str(folder)!r} ({type(error).__name__}: {' '.join(str(error).split())})") from error
    places = {spec.name: (not spec.is_baseline, i) for i, spec in enumerate(config.model_specs)}
    return sorted(locations, key=lambda name: (*places.get(name, (True, len(places))), name))


def _of_model(folder, model):
    from fairkit.quiet import silence, tfma

    try:
        with silence():
            return tfma.load_eval_result(str(folder), model_name=model)
    except Exception as error:
        raise FairkitError("the TFMA result cannot be read", "files that tfma.load_eval_result reads",
                           f"{str(folder)!r} ({type(error).__name__}: {' '.join(str(error).split())})") from error
