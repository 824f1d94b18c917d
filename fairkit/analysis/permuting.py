"""Which inputs a model relies on, by what it loses when they are permuted."""


import numpy as np
import pandas as pd

from fairkit.analysis.importance_inputs import NamedInputs
from fairkit.analysis.importance_result import COLUMNS, Importance
from fairkit.analysis.importance_scores import Score
from fairkit.analysis.random_order import random_order
from fairkit.arguments import is_whole
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples
from fairkit.predictions import predict

__all__ = ["feature_importance"]

_BLOCKS, _LEAST = 20, 5   # blocks of examples, and examples in one


def feature_importance(model, examples: Examples, score="accuracy", features=None, repeats: int = 5, seed: int = 0, *,
                       names=None, from_logits: bool = False, batch_size: int = 1024,
                       output: str | int | None = None) -> Importance:
    """How much a score falls when a feature is permuted among the examples, with intervals.

    Permuting breaks the tie of a feature with the labels and with all other features, and keeps its distribution
    (Breiman 2001). Of two features that say the same the model may lose neither: permute them together. Judge on
    examples that the model was not trained on; on others it tells what the model has memorised.

    The intervals are over examples: how far the importance would move with other examples of the same kind, and with
    other permutations. Examples are put into 20 random blocks and permuted within these, so that blocks are
    independent, and the interval is Student's, with 19 degrees of freedom, from a jackknife over blocks. They say
    nothing of another model, trained again. (The spread over repeats alone, which other tools show, does not shrink
    with more examples to what one would see in another sample; it stands in `repeats_sd`.)

    Args:
        model: a Keras model, or a callable predict(inputs) -> scores; its inputs are the examples'. For a scikit-learn
            pipeline: `lambda inputs: pipeline.predict_proba(pandas.DataFrame(inputs))[:, 1]`.
        examples: `Examples` with a dict of inputs (what a DataFrame of inputs becomes), or an array (n, k).
        score: "accuracy", "auc", "log_loss", "brier", or a function score(labels, scores) of which larger is better.
        features: a list of names, and of tuples of names that are permuted together; every input by itself if None.
        repeats: permutations of each feature.
        seed: of the permutations.
        names: of the columns of an array (n, k); "0", "1" and so on if not given.
        from_logits: the model's outputs are logits.
        batch_size: examples a batch, for a Keras model.
        output: which output of a model with several, as for `fairkit.predict`.

    Returns:
        `Importance`: `frame`, `plot()`.

    Raises:
        FairkitError: for inputs without names, a feature or score that is not there, fewer than two examples.

    Example:
        >>> import fairkit, numpy as np
        >>> rng = np.random.default_rng(0)
        >>> age, luck = rng.uniform(size=(2, 2000))
        >>> examples = fairkit.Examples(labels=age > .5, groups={}, inputs={"age": age, "luck": luck})
        >>> found = fairkit.analysis.feature_importance(lambda inputs: inputs["age"], examples, "accuracy")
        >>> found.frame[["feature", "importance", "lower", "upper"]].round(2)
          feature  importance  lower  upper
        0     age        0.49   0.48    0.5
        1    luck        0.00   0.00    0.0
    """
    score, inputs = Score(score), NamedInputs(examples, names)
    wanted = inputs.chosen(features)
    _check(model, examples, repeats)
    base = predict(model, examples, batch_size, from_logits, output)
    blocks = _blocks(len(examples), seed)
    rows = []
    for k, together in enumerate(wanted):
        permuted = []
        for r in range(repeats):
            fed = inputs.permuted(together, _donors(blocks, (seed, k, r)))
            changed = Examples(labels=base.labels, groups={}, inputs=fed, missing_inputs="keep")
            permuted.append(predict(model, changed, batch_size, from_logits, output).scores)
        rows.append({"feature": " + ".join(together), **_importance(base, permuted, score, blocks)})
    frame = pd.DataFrame(rows, columns=COLUMNS).sort_values("importance", ascending=False, kind="stable")
    return Importance(frame.reset_index(drop=True), score.name, score.value(base.labels, base.scores, base.weights),
                      len(examples), int(repeats))


def _check(model, examples, repeats):
    if not is_whole(repeats) or repeats < 1:
        raise FairkitError("repeats is no number of permutations", "a whole number of 1 or more", quote(repeats))
    if not (callable(model) or hasattr(model, "predict")):
        raise FairkitError("this is no model", "a Keras model or a callable; fairkit.models.load(path) loads one",
                           quote(model)[:100])
    if len(examples) < 2:
        raise FairkitError("there is nothing to permute", "at least two examples", len(examples))


def _blocks(length, seed):
    """(n,) integers: which of at most 20 blocks each example is in, at random."""
    count = max(min(_BLOCKS, length // _LEAST), 1)
    blocks = np.empty(length, np.int64)
    blocks[random_order(length, seed)] = np.arange(length) * count // length
    return blocks


def _donors(blocks, seed):
    """(n,) positions: the example that each one gets its feature from, another one of its block."""
    number = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    order = random_order(len(blocks), number)
    order = order[np.argsort(blocks[order], kind="stable")]
    ends = np.cumsum(np.bincount(blocks))
    following = np.arange(1, len(order) + 1)
    following[ends - 1] = np.concatenate([[0], ends[:-1]])
    donors = np.empty(len(order), np.int64)
    donors[order] = order[following]
    return donors


def _importance(base, permuted, score, blocks):
    """The numbers of one feature: importance, lower, upper, repeats_sd."""
    from scipy.stats import t

    labels, weights, count = base.labels, base.weights, int(blocks.max()) + 1
    if score.function is None:
        before, influence = score.influences(labels, base.scores, weights)
        after = [score.influences(labels, scores, weights) for scores in permuted]
        falls = before - np.array([value for value, _ in after])
        change = influence - np.mean([each for _, each in after], axis=0)
        spread = count * (np.bincount(blocks, change) ** 2).sum() / (count - 1) if count > 1 else np.nan
    else:
        falls = _falls(base, permuted, score, slice(None))
        without = _without_each(base, permuted, score, blocks, count) if count > 1 else np.full(2, np.nan)
        spread = (count - 1) / count * ((without - without.mean()) ** 2).sum()
    half = t.ppf(0.975, max(count - 1, 1)) * np.sqrt(spread)
    value = float(falls.mean())
    return {"importance": value, "lower": value - half, "upper": value + half,
            "repeats_sd": float(falls.std(ddof=1)) if len(falls) > 1 else np.nan}


def _without_each(base, permuted, score, blocks, count):
    """(blocks,) how far the score falls without the examples of each block; NaN where it is not defined then."""
    try:
        return np.array([_falls(base, permuted, score, blocks != block).mean() for block in range(count)])
    except ValueError:
        return np.full(count, np.nan)


def _falls(base, permuted, score, rows):
    """(repeats,) how far the score of some rows falls in each permutation."""
    weights = None if base.weights is None else base.weights[rows]
    before = score.value(base.labels[rows], base.scores[rows], weights)
    return before - np.array([score.value(base.labels[rows], scores[rows], weights) for scores in permuted])
