"""The two engines give the same values: fairkit's counts and TFMA's own pipeline on Apache Beam.

A pipeline takes seconds however small the data, so many data sets are drawn and told apart by the feature "draw".
"""

import subprocess
import sys

import numpy as np
import pytest

import fairkit

THRESHOLDS = [0.0, 0.1, 0.25, 0.5, 0.875, 1.0]
SLICES = ["draw", ("draw", "color"), ("religion", "draw", "color")]
RELIGIONS = [None, "christian", ["christian", "muslim"], ["muslim", "jewish", "none"], []]
NEIGHBOURS = [np.nextafter(threshold, side) for threshold in THRESHOLDS[1:-1] for side in (0, 1)]
FLOAT32 = [float(np.float32(score)) for score in (0.1, 0.3, 0.7)] + NEIGHBOURS


def binary_scores(rng, kind, n):
    if kind == "grid":  # TFMA's AUC is exact where its 10,000 thresholds tell all scores apart
        return rng.integers(0, 1001, n) / 1000
    if kind == "ties":
        return rng.choice(THRESHOLDS, n)
    if kind == "float32":
        return rng.choice(FLOAT32 + THRESHOLDS, n)
    return rng.random(n)


def softmax_scores(rng, n, classes):
    """Scores on the grid of 1/1000 that sum to 1, some of them tied for the first place."""
    scores = rng.multinomial(1000, rng.dirichlet(np.ones(classes)), n) / 1000
    scores[::7] = 1 / classes
    return scores


def binary_draws():
    rng = np.random.default_rng(20240607)
    labels, scores, draws = [], [], []
    for kind in ("grid", "ties", "float32", "uniform"):
        for number, n in enumerate((1, 12, 90)):
            labels.append(rng.random(n) < rng.random())
            scores.append(binary_scores(rng, kind, n))
            draws += [f"{kind} {number}"] * n
    return np.concatenate(labels).astype(int), np.concatenate(scores), draws, rng


def softmax_draws():
    rng = np.random.default_rng(20240608)
    sizes = (1, 12, 60, 120)
    scores = np.concatenate([softmax_scores(rng, n, 4) for n in sizes])
    labels = np.concatenate([rng.integers(0, min(number + 1, 4), n) for number, n in enumerate(sizes)])
    return labels, scores, [f"softmax {number}" for number, n in enumerate(sizes) for _ in range(n)], rng


def frames(labels, scores, draws, rng, weighted, classes=None):
    n = len(labels)
    groups = {"draw": draws, "color": rng.choice(["blue", "orange"], n),
              "religion": [RELIGIONS[i] for i in rng.integers(0, len(RELIGIONS), n)]}
    weights = np.where(rng.random(n) < 0.1, 0, rng.exponential(3, n)) if weighted else None
    examples = fairkit.Examples(labels=labels, groups=groups, weights=weights)
    return [fairkit.evaluate(scores, examples, slices=SLICES, thresholds=THRESHOLDS, classes=classes,
                             engine=engine).frame for engine in ("counts", "tfma")]


@pytest.fixture(scope="module", params=["binary", "binary weighted", "softmax", "softmax weighted"])
def pair(request):
    pytest.importorskip("fairness_indicators")
    softmax, weighted = "softmax" in request.param, "weighted" in request.param
    drawn = softmax_draws() if softmax else binary_draws()
    return frames(*drawn, weighted=weighted, classes=[1, 3] if softmax else None)


def compare(pair, keep, tolerance=1e-9):
    counts, tfma = (frame[keep(frame)].reset_index(drop=True) for frame in pair)
    rows = ["slice", "class", "metric", "threshold"]
    assert counts[rows].equals(tfma[rows])
    assert len(counts) and counts["value"].notna().any()
    assert counts["value"].isna().tolist() == tfma["value"].isna().tolist()
    off = (counts["value"] - tfma["value"]).abs() > tolerance
    assert not off.any(), counts[off].assign(tfma=tfma["value"][off])[[*rows, "value", "tfma"]].to_string()


def test_rates_at_every_threshold_agree(pair):
    compare(pair, lambda frame: frame["threshold"].notna())


def test_counts_and_accuracy_agree(pair):
    compare(pair, lambda frame: frame["threshold"].isna() & (frame["metric"] != "auc"))


def test_auc_agrees_where_tfma_tells_the_scores_apart(pair):
    compare(pair, lambda frame: (frame["metric"] == "auc") & frame["slice"].str.contains("grid|ties|softmax"))


def test_auc_is_near_elsewhere(pair):
    """TFMA cannot order scores between two of its 10,000 thresholds, such as the float32 neighbours of .1."""
    compare(pair, lambda frame: (frame["metric"] == "auc") & frame["slice"].str.contains("uniform|Overall"), 5e-3)


def test_undefined_values_and_all_kinds_of_slices_were_compared(pair):
    counts = pair[0]
    assert counts["value"].isna().any()
    assert {name.split(":")[0] for name in counts["slice"]} == {
        "Overall", "draw", "color_X_draw", "color_X_draw_X_religion"}


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory):
    """What the engine leaves in a folder, and what it returns, for one small run: (folder, values)."""
    pytest.importorskip("fairness_indicators")
    from fairkit.evaluation.tfma_engine import evaluate_with_tfma

    examples = fairkit.Examples(labels=[0, 0, 1, 1], groups={"label": ["é:_X_", "é:_X_", 'b"', None]})
    predictions = fairkit.predict([0.2, 0.8, 0.9, 0.1], examples)
    folder = tmp_path_factory.mktemp("engine") / "evaluation"
    return folder, evaluate_with_tfma(predictions, [("label",)], [0.5], None, folder)


def test_the_engine_leaves_files_that_tfma_loads(left_behind):
    from fairkit.quiet import tfma

    folder, values = left_behind
    result = tfma.load_eval_result(str(folder))
    assert set(result.get_slice_names()) == {(), (("label", 'b"'),), (("label", "é:_X_"),)}
    assert result.get_metrics_for_slice((("label", "é:_X_"),))["fairness_indicators_metrics/false_positive_rate@0.5"] \
        == {"doubleValue": 0.5}
    assert values[(("label", "é:_X_"),), None, "false_positive_rate", 0.5] == 0.5


def test_the_engine_calls_undefined_what_tfma_calls_0(left_behind):
    _, values = left_behind
    assert np.isnan(values[(("label", "é:_X_"),), None, "auc", None])
    assert values[(), None, "auc", None] == 0.5


def test_thresholds_that_tfma_prints_alike_are_refused():
    examples = fairkit.Examples(labels=[0, 1], groups={})
    with pytest.raises(fairkit.FairkitError, match="1e-05, 2e-05"):
        fairkit.evaluate([0.2, 0.8], examples, thresholds=[1e-5, 2e-5, 0.5], engine="tfma")


def test_without_fairness_indicators_the_way_to_install_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fairness_indicators", None)
    examples = fairkit.Examples(labels=[0, 1], groups={})
    with pytest.raises(fairkit.FairkitError, match=r'pip install --no-deps "fairness-indicators>=0\.52,<0\.53"'):
        fairkit.evaluate([0.2, 0.8], examples, thresholds=[0.5], engine="tfma")


def test_a_run_writes_nothing_to_the_terminal():
    pytest.importorskip("fairness_indicators")
    code = ("import fairkit; examples = fairkit.Examples(labels=[0, 1], groups={'color': ['blue', 'orange']});"
            "fairkit.evaluate([.2, .8], examples, slices=['color'], thresholds=[.5], engine='tfma')")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
