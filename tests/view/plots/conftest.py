"""Evaluations of made-up scores, shared by the tests of all plots; nothing is trained."""

import numpy as np
import pytest

import fairkit

RELIGIONS = ["buddhist", "christian", "jewish", "none", "rare"]


def commented(weighted=False, seed=0, n=900):
    """(examples, scores): comments of two features; one religion is rare, and one gender has no negative."""
    rng = np.random.default_rng(seed)
    religion = rng.choice(RELIGIONS, n, p=[0.2, 0.25, 0.2, 0.34, 0.01])
    gender = rng.choice(["female", "male"], n)
    labels = (rng.random(n) < 0.35).astype(int)
    gender[:5], labels[:5] = "other", 1
    scores = 1 / (1 + np.exp(-(rng.normal(size=n) + 2 * labels - 1 + 0.8 * (religion == "jewish"))))
    weights = rng.integers(1, 5, n) / 2 if weighted else None
    return fairkit.Examples(labels=labels, groups={"religion": religion, "gender": gender}, weights=weights), \
        scores.round(3)


SLICES = ["religion", "gender", ("religion", "gender")]
THRESHOLDS = [0.25, 0.5, 0.75]


@pytest.fixture(scope="session")
def comments():
    """(examples, scores, evaluation) of a binary score."""
    examples, scores = commented()
    return examples, scores, fairkit.evaluate(scores, examples, SLICES, THRESHOLDS)


@pytest.fixture(scope="session")
def weighted():
    examples, scores = commented(weighted=True)
    return examples, scores, fairkit.evaluate(scores, examples, SLICES, THRESHOLDS)


@pytest.fixture(scope="session")
def digits():
    """(examples, scores, evaluation) of three classes, with images as inputs."""
    rng = np.random.default_rng(1)
    n = 400
    labels, color = rng.integers(0, 3, n), rng.choice(["blue", "orange"], n)
    logits = rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[labels] + 0.8 * np.outer(color == "orange", [0, 0, 1])
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    images = rng.integers(0, 256, (n, 6, 5, 3), dtype=np.uint8)
    examples = fairkit.Examples(labels=labels, groups={"color": color, "digit": labels}, inputs=images,
                                ids=np.arange(n) + 1000)
    return examples, scores, fairkit.evaluate(scores, examples, ["digit", "color", ("digit", "color")], [0.3, 0.6])


@pytest.fixture(scope="session")
def compared(comments):
    """A comparison with a model that is fairer and, overall, scores lower."""
    examples, scores, before = comments
    rng = np.random.default_rng(2)
    jewish = examples.groups["religion"].match("religion", "jewish")
    other = (scores - 0.12 * jewish - 0.05 + 0.04 * rng.normal(size=len(scores))).clip(0, 1).round(3)
    after = fairkit.evaluate(other, examples, SLICES, THRESHOLDS)
    return fairkit.compare(before, after, reference={"religion": "none"})


@pytest.fixture
def drawn():
    """Functions that read a picture: marks as (x, y), horizontal lines as (y, x from, x to), tick labels."""
    class Drawn:
        @staticmethod
        def marks(ax):
            return sorted((float(x), float(y)) for line in ax.lines if line.get_marker() not in ("None", "", None)
                          for x, y in zip(line.get_xdata(), line.get_ydata()))

        @staticmethod
        def intervals(ax):
            return sorted((float(s[0][1]), float(s[0][0]), float(s[1][0])) for c in ax.collections
                          for s in c.get_segments())

        @staticmethod
        def ticks(ax):
            return {label.get_text(): float(y) for y, label in zip(ax.get_yticks(), ax.get_yticklabels())}

        @staticmethod
        def texts(ax):
            return [text.get_text() for text in ax.texts]
    return Drawn
