"""feature_importance: scikit-learn's values, and intervals over examples that hold the truth."""

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score

from fairkit import Examples, FairkitError
from fairkit.analysis import feature_importance
from fairkit.analysis.permuting import _blocks, _donors

NAMES = ["strong", "weak", "noise"]


def drawn(n, rng):
    x = rng.normal(size=(n, 3))
    x[:, 1] = 0.7 * x[:, 0] + 0.5 * x[:, 1]
    y = rng.uniform(size=n) < 1 / (1 + np.exp(-1.5 * x[:, 0] - 0.8 * x[:, 1]))
    return x, y.astype(int)


def model(x):
    return 1 / (1 + np.exp(-1.4 * x[:, 0] - 0.7 * x[:, 1] - 0.1 * x[:, 2]))


def by_feature(found):
    return found.frame.set_index("feature")


@pytest.mark.parametrize("score, scoring", [("accuracy", "accuracy"), ("auc", "roc_auc"), ("log_loss", "neg_log_loss"),
                                            ("brier", "neg_brier_score")])
def test_values_are_those_of_scikit_learn(score, scoring):
    x, y = drawn(3000, np.random.default_rng(0))
    fitted = LogisticRegression().fit(x, y)
    found = by_feature(feature_importance(lambda rows: fitted.predict_proba(rows)[:, 1],
                                          Examples(labels=y, groups={}, inputs=x), score, repeats=8, names=NAMES))
    theirs = permutation_importance(fitted, x, y, scoring=scoring, n_repeats=8, random_state=0)
    for name, mean, sd in zip(NAMES, theirs.importances_mean, theirs.importances_std):
        assert found["importance"][name] == pytest.approx(mean, abs=4 * sd + 1e-4)   # both means are of 8 drawings
        assert found["repeats_sd"][name] == pytest.approx(sd, rel=1.5, abs=1e-3)


@pytest.mark.parametrize("score", ["brier", "accuracy", "auc"])
def test_the_intervals_hold_the_truth_in_95_of_100_samples(score):
    rng = np.random.default_rng(1)
    x, y = drawn(200_000, rng)
    truth = by_feature(feature_importance(model, Examples(labels=y, groups={}, inputs=x), score, repeats=2))
    hits, times = np.zeros(3), 150
    for seed in range(times):
        x, y = drawn(300, rng)
        found = by_feature(feature_importance(model, Examples(labels=y, groups={}, inputs=x), score, seed=seed,
                                              repeats=3)).loc[truth.index]
        hits += ((found["lower"] <= truth["importance"]) & (truth["importance"] <= found["upper"])).to_numpy()
    assert (hits / times > 0.88).all() and hits.mean() / times > 0.91   # .95 +- 3 standard errors of .018


def test_a_function_gives_what_the_score_of_that_name_gives():
    x, y = drawn(300, np.random.default_rng(2))
    weights = np.random.default_rng(3).uniform(0.5, 2, 300)
    pairs = {"accuracy": lambda labels, scores, **w: accuracy_score(labels, scores > 0.5, **w), "auc": roc_auc_score,
             "log_loss": lambda *a, **w: -log_loss(*a, **w), "brier": lambda *a, **w: -brier_score_loss(*a, **w)}
    for given in (None, weights):
        examples = Examples(labels=y, groups={}, inputs=x, weights=given)
        for name, function in pairs.items():
            ours, theirs = (by_feature(feature_importance(model, examples, score, repeats=2))
                            for score in (name, function))
            theirs = theirs.loc[ours.index]
            np.testing.assert_allclose(ours["importance"], theirs["importance"], atol=1e-9)
            np.testing.assert_allclose(ours["upper"] - ours["lower"], theirs["upper"] - theirs["lower"], rtol=0.25)


def test_features_that_say_the_same_are_permuted_together():
    rng = np.random.default_rng(4)
    x = rng.normal(size=2000)
    examples = Examples(labels=x > 0, groups={}, inputs={"x": x, "copy": x, "other": rng.normal(size=2000)})
    found = by_feature(feature_importance(lambda d: ((d["x"] > 0) | (d["copy"] > 0)) * 1.0, examples,
                                          features=["x", "copy", ("x", "copy"), "other"]))
    assert found["importance"]["x + copy"] == pytest.approx(0.5, abs=0.03)
    assert found["importance"]["x"] == pytest.approx(0.25, abs=0.03)
    assert found.loc["other"].tolist() == [0, 0, 0, 0]


def test_donors_are_other_examples_of_the_same_block_each_once():
    for n in (2, 9, 10, 57, 2000):
        blocks = _blocks(n, 5)
        donors = _donors(blocks, (5, 1, 2))
        assert sorted(donors) == list(range(n)) and (donors != np.arange(n)).all() and (blocks[donors] == blocks).all()
        assert np.ptp(np.bincount(blocks)) <= 1 and len(set(blocks)) == max(min(20, n // 5), 1)


def test_data_drawn_with_the_seed_of_the_permutations():
    x, luck = np.random.default_rng(0).uniform(size=(2, 2000))
    examples = Examples(labels=x > 0.5, groups={}, inputs={"x": x, "luck": luck})
    found = by_feature(feature_importance(lambda d: d["x"], examples, seed=0))
    assert found["importance"]["x"] == pytest.approx(0.5, abs=0.03)


def test_nothing_that_is_given_changes():
    """The reference library permutes the caller's frame in place while it works."""
    frame = pd.DataFrame({"a": [1.0, 2, 3] * 20, "b": list("xyz") * 20}, index=np.arange(60) % 7)
    inputs = {"a": frame["a"].to_numpy(), "b": frame["b"].to_numpy()}
    for array in inputs.values():
        array.flags.writeable = False
    before = frame.copy()
    examples = Examples(labels=[0, 0, 1] * 20, groups={}, inputs=inputs)
    asked = {"score": "auc", "repeats": 2, "seed": 9}
    first, again = (feature_importance(lambda d: d["a"] / 3, examples, **asked) for _ in range(2))
    pd.testing.assert_frame_equal(first.frame, again.frame)
    pd.testing.assert_frame_equal(frame, before)
    x = np.random.default_rng(0).normal(size=(30, 2))
    kept = x.copy()
    feature_importance(lambda rows: (rows[:, 0] > 0) * 1.0, Examples(labels=x[:, 0] > 0, groups={}, inputs=x))
    np.testing.assert_array_equal(x, kept)


def test_several_classes():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(900, 2))
    y = np.digitize(x[:, 0], [-0.5, 0.5])
    fitted = LogisticRegression().fit(x, y)
    examples = Examples(labels=y, groups={}, inputs=x)
    for score in ("accuracy", "log_loss", "brier"):
        found = feature_importance(fitted.predict_proba, examples, score, names=["x", "noise"])
        assert found.frame["feature"].tolist() == ["x", "noise"] and found.frame["lower"][0] > 0
    assert found.base == pytest.approx(-((fitted.predict_proba(x) - np.eye(3)[y]) ** 2).sum(axis=1).mean())


def test_a_few_examples_have_no_interval_and_say_so():
    found = feature_importance(lambda x: x[:, 0], Examples(labels=[0, 1, 1], groups={}, inputs=np.eye(3)), repeats=1)
    assert found.frame[["lower", "upper", "repeats_sd"]].isna().all(axis=None)
    assert "intervals over examples" not in found.plot().ax.get_xlabel()


def test_a_score_that_is_not_defined_without_some_block_has_no_interval():
    def needs_all(labels, scores):
        if len(labels) < 100:
            raise ValueError("too few")
        return accuracy_score(labels, scores > 0.5)

    x, y = drawn(100, np.random.default_rng(6))
    found = feature_importance(model, Examples(labels=y, groups={}, inputs=x), needs_all)
    assert found.frame["importance"].notna().all() and found.frame["lower"].isna().all()


def test_plot_and_table():
    x, y = drawn(100, np.random.default_rng(6))
    found = feature_importance(model, Examples(labels=y, groups={}, inputs=x), names=["<b>", "b", "c"])
    shown = found.plot(most=2)
    assert len(shown.frame) == 2 and "1 more are not drawn" in shown.ax.get_xlabel() and shown._repr_png_()
    assert "&lt;b&gt;" in found._repr_html_() and "accuracy" in found._repr_html_()


@pytest.mark.parametrize("options, says", [
    ({"score": "acuracy"}, "'accuracy' (the nearest)"), ({"features": ["age"]}, "no input 'age'"),
    ({"features": []}, "features names no features"), ({"features": [("0", "0")]}, "features names no features"),
    ({"features": [3]}, "features names no features"), ({"repeats": 0}, "repeats is no number"),
    ({"names": ["a"]}, "names do not name the columns"), ({"model": "model.keras"}, "fairkit.models.load(path) loads"),
    ({"examples": np.eye(3)}, "importance is judged on examples"), ({"seed": -1}, "the seed is none"),
    ({"examples": Examples(labels=[0, 1], groups={})}, "no features to permute"),
    ({"examples": Examples(labels=[0], groups={}, inputs=np.eye(1))}, "nothing to permute"),
    ({"score": lambda labels, scores: None}, "gives no number"),
    ({"examples": Examples(labels=[1, 1], groups={}, inputs=np.eye(2)), "score": "auc"}, "there is no AUC"),
])
def test_mistakes_are_named(options, says):
    asked = {"model": lambda x: x[:, 0], "examples": Examples(labels=[0, 1, 1], groups={}, inputs=np.eye(3)), **options}
    with pytest.raises(FairkitError) as error:
        feature_importance(**asked)
    assert says in str(error.value)
