"""What a board is given, in any of its forms, as named results of one form."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairkit.errors import FairkitError, quote

__all__ = ["Result", "named_results"]


@dataclass(frozen=True)
class Result:
    """One result under its name: an `Evaluation`, a `TfmaEvaluation`, or the DataFrame of one."""

    name: str
    evaluation: object

    @property
    def frame(self):
        return getattr(self.evaluation, "frame", self.evaluation)


def named_results(given, names=None, output=None, model=None):
    """A list of `Result`s, one for each result in what is given.

    Args:
        given: evaluations, DataFrames in the form of `Evaluation.frame`, TFMA's EvalResult and EvalResults objects,
            folders of TFMA or of fairkit, dicts of name -> any of these.
        names: what the results are called. Without them a dict's keys and the names of models and folders; where
            there are none, or two are the same, "evaluation"; "before" and "after"; "1", "2", "3" and so on.
        output: the output of a model that has several, for TFMA's results.
        model: the only model to show of folders of TFMA's with several.

    Raises:
        FairkitError: for anything else, no result at all, or names that are not one for each and distinct.
    """
    found = [pair for one in given for pair in _found_in(one, output, model)]
    if not found:
        raise FairkitError("a board shows at least one evaluation", "what fairkit.evaluate returns", "none")
    return [Result(name, evaluation) for name, (_, evaluation) in zip(_names(names, found), found, strict=True)]


def _found_in(given, output, model):
    """[(name or None, evaluation)]."""
    if isinstance(given, Mapping):
        return [named for name, one in given.items() for named in _renamed(str(name), _found_in(one, output, model))]
    if isinstance(given, (str, Path)):
        from fairkit.view.tfma_results import from_folder

        return from_folder(given, output, model)
    if model is not None:
        raise FairkitError("a model is named of folders that TFMA wrote", "folders, or no model=",
                           f"model={quote(model)}")
    if hasattr(given, "get_results"):
        from fairkit.view.tfma_results import from_eval_results

        return from_eval_results(given, output)
    if hasattr(given, "slicing_metrics"):
        from fairkit.view.tfma_results import from_eval_result

        return [(None, from_eval_result(given, output))]
    if hasattr(given, "threshold_pairs"):
        raise FairkitError("a comparison is shown alone", "board(comparison), or board(evaluation, evaluation, ...)",
                           quote(given))
    if not hasattr(getattr(given, "frame", given), "columns"):
        raise FairkitError("a board shows evaluations", "what fairkit.evaluate returns, a TFMA result, or a folder "
                           "of either", type(given).__name__)
    return [(None, given)]


def _renamed(name, found):
    """What a dict calls a result; of one with several models each bears its own name too."""
    return [(name if len(found) == 1 else f"{name}: {own or place}", evaluation)
            for place, (own, evaluation) in enumerate(found, 1)]


def _names(names, found):
    count = len(found)
    if names is not None:
        several = hasattr(names, "__iter__") and not isinstance(names, str)
        names = [str(name) for name in (names if several else [names])]
        if len(names) != count or len(set(names)) != count or not all(names):
            raise FairkitError("the names do not fit the evaluations", f"{count} distinct names", names)
        return names
    own = [name for name, _ in found if name]
    if len(set(own)) == count:
        return own
    return [["evaluation"], ["before", "after"]][count - 1] if count < 3 else [str(i + 1) for i in range(count)]
