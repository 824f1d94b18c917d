"""The two engines give the same values: fairkit's counts and TFMA's own pipeline on Apache Beam.

A pipeline takes seconds however small the data, so hypothesis draws many data sets first; they go through one pipeline
together, told apart by the feature "draw".
"""

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import fairkit

THRESHOLDS = [0.0, 0.1, 0.25, 0.5, 0.875, 1.0]
SLICES = ["draw", ("draw", "color"), {"draw": None, "religion": ["christian", "muslim"], "color": "blue"}]
CLASSES = [1, 3]
DRAWS = {"binary": 80, "binary weighted": 80, "softmax": 40, "softmax weighted": 40}
NEIGHBOURS = [float(np.nextafter(threshold, side)) for threshold in THRESHOLDS[1:-1] for side in (0, 1)]
FLOAT32 = [float(np.float32(score)) for score in (0.1, 0.3, 0.7)]

GRID = st.integers(0, 1000).map(lambda k: k / 1000)
SCORES = [GRID, st.sampled_from(THRESHOLDS), st.sampled_from(THRESHOLDS + NEIGHBOURS + FLOAT32), st.floats(0, 1)]
WEIGHTS = st.sampled_from([0.0, 0.25, 1.0, 3.7]) | st.floats(0.01, 100)
RELIGIONS = st.sampled_from([None, "christian", "muslim", ["christian", "muslim"], ["muslim", "jewish", "none"], []])


@st.composite
def data_sets(draw, softmax):
    """Rows of (label, score or scores, weight, color, religion): labels of one side or both, scores of one kind."""
    kind = draw(st.sampled_from(SCORES))
    scores = st.tuples(*[kind] * 4) if softmax else kind
    sides = [[0, 1], [0, 1], [0, 1], [0, 1], [0], [1]] if not softmax else [[0, 1, 2, 3], [0, 1, 2, 3], [0, 3], [1]]
    labels = draw(st.sampled_from(sides))
    size = draw(st.sampled_from([1, 2, 5, 15, 30]))
    colors = st.sampled_from(["blue", "orange", None])
    return draw(st.lists(st.tuples(st.sampled_from(labels), scores, WEIGHTS, colors, RELIGIONS),
                         min_size=size, max_size=size))


def drawn(strategy, number):
    found = []

    @settings(max_examples=number, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(one):
        found.append(one)

    collect()
    return found


@pytest.fixture(scope="module", params=DRAWS)
def both(request):
    """(examples, scores, values counted, values by TFMA); the values by (slice key, class, metric, threshold)."""
    pytest.importorskip("fairness_indicators")
    from fairkit.evaluation.tfma.engine import tfma_values

    softmax, weighted = "softmax" in request.param, "weighted" in request.param
    sets = drawn(data_sets(softmax), DRAWS[request.param])
    assert len(sets) >= DRAWS[request.param] * 0.9
    rows = [(str(number), *row) for number, data_set in enumerate(sets) for row in data_set]
    draws, labels, scores, weights, colors, religions = zip(*rows, strict=True)
    examples = fairkit.Examples(labels=list(labels), weights=weights if weighted else None,
                                groups={"draw": list(draws), "color": list(colors), "religion": list(religions)})
    classes = CLASSES if softmax else None
    predictions = fairkit.predict(np.array(scores), examples)
    evaluation = fairkit.evaluate(predictions, slices=SLICES, thresholds=THRESHOLDS, classes=classes)
    columns = evaluation.frame[["class", "metric", "threshold", "value"]].itertuples(index=False, name=None)
    counted = {(key, class_id, metric, None if math.isnan(threshold) else threshold): value
               for key, (class_id, metric, threshold, value) in zip(evaluation.row_keys, columns, strict=True)}
    tfma = tfma_values(predictions, SLICES, THRESHOLDS, classes)
    return predictions, counted, {key: value for key, (value, _, _) in tfma.items()}


def test_the_engines_measure_the_same(both):
    """But that TFMA repeats the counts of examples for each class."""
    _, counted, tfma = both
    repeated = {key for key in tfma if key[1] is not None and key[2].endswith("example_count")}
    assert counted.keys() == tfma.keys() - repeated
    assert len({key[0] for key in counted}) > 2 * min(DRAWS.values())
    assert {"f1_score", "specificity", "mean_label", "mean_prediction", "calibration"} <= {key[2] for key in counted}


def test_values_agree(both):
    _, counted, tfma = both
    off = {key: (value, tfma[key]) for key, value in counted.items() if key[2] != "auc" and key in tfma
           and not (math.isnan(value) and math.isnan(tfma[key])) and not abs(value - tfma[key]) <= 1e-9}
    assert not off, dict(itertools.islice(off.items(), 10))
    assert any(math.isnan(value) for value in counted.values())


def test_areas_agree_within_the_bound_of_tfmas_buckets(both):
    """TFMA cannot order scores that share a bucket: the areas differ by at most half of such pairs that are no ties."""
    predictions, counted, tfma = both
    exact = 0
    for (key, class_id), (bound, rows) in bounds(predictions).items():
        ours, theirs = (values[key, class_id, "auc", None] for values in (counted, tfma))
        assert math.isnan(ours) == math.isnan(theirs) == math.isnan(bound), (key, class_id, ours, theirs)
        assert math.isnan(bound) or abs(ours - theirs) <= bound + 1e-9, (key, class_id, ours, theirs, bound, rows)
        exact += bound < 1e-12
    assert exact > 10  # where TFMA tells all positives from all negatives, the areas are the same


def bounds(predictions):
    """(slice key, class) -> (the bound, NaN where the area is undefined; the rows of the slice)."""
    members = defaultdict(list)
    columns = {name: predictions.groups[name].to_list() for name in ("draw", "color", "religion")}
    for row in range(len(predictions)):
        draw, color, religion = ([] if cell is None else cell if isinstance(cell, tuple) else (cell,)
                                 for cell in (columns[name][row] for name in ("draw", "color", "religion")))
        members[()].append(row)
        members[("draw", draw[0]),].append(row)
        for value in color:
            members[("color", value), ("draw", draw[0])].append(row)
            for text in {*religion} & {"christian", "muslim"} if value == "blue" else ():
                members[("color", value), ("draw", draw[0]), ("religion", text)].append(row)
    weights = np.ones(len(predictions)) if predictions.weights is None else predictions.weights
    found = {}
    for class_id in [None] if predictions.classes is None else CLASSES:
        scores = predictions.scores if class_id is None else predictions.scores[:, class_id]
        positive, buckets = predictions.labels == (1 if class_id is None else class_id), tfma_buckets(scores)
        ties = np.unique(scores, return_inverse=True)[1]
        for key, rows in members.items():
            shared = [half_pairs(places[rows], positive[rows], weights[rows]) for places in (buckets, ties)]
            found[key, class_id] = shared[0] - shared[1], rows
    return found


def half_pairs(places, positive, weights):
    """Half the share of the pairs of a positive and a negative that are in one place; NaN without a pair."""
    positives, negatives = (np.bincount(places, weights * side, places.max() + 1) for side in (positive, ~positive))
    pairs = positives.sum() * negatives.sum()
    return (positives @ negatives) / 2 / pairs if pairs > 0 else math.nan


def tfma_buckets(scores):
    """Which of TFMA's buckets each score falls in: first 1/10,000 wide, then between thresholds 1/9,999 apart."""
    edges = np.where(scores >= 1, np.inf, np.floor(scores * 10_000) / 10_000)
    thresholds = np.array([-1e-7, *((i + 1) / 9_999 for i in range(9_998)), 1 + 1e-7])
    return np.maximum(np.searchsorted(thresholds + 1e-7, edges, side="right") - 1, 0)
