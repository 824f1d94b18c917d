"""Evaluations that reports are written of: made from scores, so that no model is trained."""

import numpy as np
import pytest

import fairkit


@pytest.fixture(scope="session")
def judged():
    """(examples, scores before, scores after): orange negatives get high scores before, and not after."""
    random = np.random.default_rng(3)
    n = 1600
    color = random.choice(["blue", "orange"], n)
    shape = [None if r < 0.1 else "square" if r < 0.6 else "circle" if r < 0.99 else "star" for r in random.random(n)]
    labels = random.integers(0, 2, n)
    base = random.beta(2, 5, n) + 0.35 * labels
    before = np.clip(base + 0.3 * (color == "orange") * (labels == 0), 0, 1)
    after = np.clip(base + 0.02 * random.random(n), 0, 1)
    return fairkit.Examples(labels=labels, groups={"color": color, "shape": shape}), before, after


@pytest.fixture(scope="session")
def evaluations(judged):
    """(before, after) by color, shape and their cross."""
    examples, *both = judged
    return [fairkit.evaluate(scores, examples, ["color", "shape", ("color", "shape")], [0.4, 0.6]) for scores in both]


@pytest.fixture(scope="session")
def two_models(evaluations):
    """A report on both, with all that a report can have."""
    about = {"data": {"data": "tins.csv", "label": "bad"}, "asked": {"epochs": 3, "seed": 1},
             "versions": {"python": "3.11.7", "fairkit": "0.1.0"}, "written": "2026-11-22T11:38:37+00:00"}
    return evaluations[0].report(
        evaluations[1], names=["plain", "MinDiff"], reference={"color": "blue"}, threshold=0.4, noun="tins",
        positive="bad", negative="good", about=[about, {**about, "settings": {"method": "min_diff", "loss": "mmd"}}],
        history={"loss": [0.9, 0.5], "min_diff_loss": [0.2, 0.1]})


@pytest.fixture(scope="session")
def negatives(judged):
    """Counts by hand: (false positives, negatives) of a mask of examples."""
    examples, before, after = judged

    def count(which, threshold, where=True):
        scores = {"before": before, "after": after}[which]
        chosen = (examples.labels == 0) & where
        return int((scores[chosen] > threshold).sum()), int(chosen.sum())

    return count
