"""Arguments and cells that are NumPy scalars mean the Python values that they hold, and come back as these."""

import numpy as np
import pandas as pd
import pytest

import fairkit


def python_only(value, path="result"):
    """Fails where a NumPy scalar stands in a value that a user is given, at any depth."""
    assert not isinstance(value, np.generic), f"{path}: {type(value).__name__} {value}"
    if isinstance(value, dict):
        for key, part in value.items():
            python_only(key, f"{path} key")
            python_only(part, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            python_only(part, f"{path}[]")
    elif isinstance(value, pd.DataFrame):
        python_only(list(value.columns), f"{path}.columns")
        python_only(value.index.tolist(), f"{path}.index")
        for name in value.columns:
            if value[name].dtype == object:
                python_only(list(value[name]), f"{path}[{name!r}]")
        assert "np." not in repr(value) and "np." not in value.to_html()
    elif isinstance(value, str):
        assert "np." not in value and "numpy." not in value, f"{path}: {value}"
    elif type(value).__module__.startswith("fairkit"):
        python_only(repr(value), f"{path}.repr")


def examples_of(kinds, n=300):
    """Examples whose groups, labels, weights and ids are lists of NumPy scalars, or of the Python values."""
    rng = np.random.default_rng(0)
    labels, colors = rng.integers(0, 2, n).tolist(), rng.choice(["blue", "orange"], n).tolist()
    columns = {"color": (np.str_, colors), "digit": (np.int64, rng.integers(0, 3, n).tolist()),
               "size": (np.float64, rng.choice([1.5, 2.25, 10.123456789], n).tolist()),
               "flag": (np.bool_, (rng.random(n) < 0.5).tolist()), "age": (np.int64, rng.integers(10, 80, n).tolist())}
    as_given = (lambda kind, values: [kind(value) for value in values]) if kinds else (lambda kind, values: values)
    text = np.str_ if kinds else str
    return fairkit.Examples(
        inputs={text("x"): np.arange(n, dtype=float)}, labels=as_given(np.int64, labels),
        groups={text(name): as_given(kind, values) for name, (kind, values) in columns.items()},
        weights=as_given(np.float64, rng.uniform(0.5, 2, n).tolist()), ids=as_given(np.int64, list(range(n))))


def evaluated(kinds):
    """The same request in NumPy scalars and in Python values."""
    text, whole, number, truth = (np.str_, np.int64, np.float64, np.bool_) if kinds else (str, int, float, bool)
    examples = examples_of(kinds)
    scores = np.clip(examples.labels * 0.4 + np.random.default_rng(1).normal(0.3, 0.2, len(examples)), 0, 1).tolist()
    slices = [text("color"), (text("color"), text("digit")), "size", {"flag": truth(True)},
              {"age": fairkit.bins(number(18.123456789), number(40), whole(60))},
              {text("color"): text("blue"), "digit": whole(1)}]
    return fairkit.evaluate([number(score) for score in scores], examples, slices, [number(0.1), number(0.5)],
                            min_examples=whole(5))


@pytest.fixture(scope="module", params=[True, False], ids=["numpy", "python"])
def results(request):
    """dict of name -> what a user of an evaluation is given."""
    kinds = request.param
    text, number = (np.str_, np.float64) if kinds else (str, float)
    evaluation, reference = evaluated(kinds), {text("color"): text("blue")}
    asked = {"threshold": number(0.5)}
    comparison = fairkit.compare(evaluation, evaluated(kinds), metric="precision", reference=reference)
    report = evaluation.report(reference=reference, **asked)
    return {
        "examples": evaluation.predictions.groups, "slices": evaluation.slices, "bins": evaluation.bins,
        "thresholds": evaluation.thresholds, "min_examples": evaluation.min_examples, "frame": evaluation.frame,
        "gaps": evaluation.gaps("precision", reference=reference, **asked),
        "any_gap": evaluation.any_gap("precision", **asked),
        "best_and_worst": evaluation.best_and_worst("precision", **asked),
        "detectable_gap": evaluation.detectable_gap("precision", reference=reference, power=number(0.8), **asked),
        "check": evaluation.check({text("precision"): number(0.05)}, reference=reference, **asked),
        "compared": comparison.frame, "compared best": comparison.best_and_worst(**asked), "evaluation": evaluation,
        "comparison": comparison, "report": report.to_dict(), "json": report.to_json(), "markdown": report.markdown,
    }


def test_no_result_of_an_evaluation_holds_a_numpy_scalar(results):
    for name, value in results.items():
        python_only(value, name)


def test_numpy_scalars_ask_for_what_python_values_ask_for():
    one, other = evaluated(True), evaluated(False)
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert one.slices == other.slices and one.thresholds == other.thresholds == [0.1, 0.5]
    assert "age:< 18.123456789" in set(one.frame["slice"])


def test_an_evaluation_asked_for_in_numpy_scalars_is_saved_and_loaded(tmp_path):
    evaluation = evaluated(True)
    evaluation.save(tmp_path / "saved")
    loaded = fairkit.load_evaluation(tmp_path / "saved")
    assert loaded.min_examples == 5
    pd.testing.assert_frame_equal(loaded.frame, evaluation.frame)
    for path in (tmp_path / "saved").rglob("*.json"):
        python_only(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize("made, text", [
    (lambda: fairkit.bins(np.float64(18.123456789), np.int64(40)), "Bins(edges=(18.123456789, 40), parts=0)"),
    (lambda: fairkit.bins(np.float32(18), np.uint8(40)), "Bins(edges=(18.0, 40), parts=0)"),
    (lambda: fairkit.quantiles(np.int64(3)), "Bins(edges=(), parts=3)"),
    (lambda: fairkit.only(np.str_("a"), np.int64(3)), "Only(values=('a', 3))"),
], ids=["bins", "bins of two types", "quantiles", "only"])
def test_what_is_made_of_numpy_scalars_shows_python_values(made, text):
    assert repr(made()) == text


def test_bias_reports_and_data_analysis_give_python_values():
    examples = examples_of(True)
    frame = pd.DataFrame({"y": list(examples.labels), "color": examples.groups["color"].to_list(),
                          "digit": [np.int64(value) for value in examples.groups["digit"].to_list()]}, dtype=object)
    for name, value in {
        "bias": fairkit.bias_report(frame, label=np.str_("y"), facet={np.str_("digit"): [np.int64(1)]},
                                    positive=np.int64(1), group=np.str_("color")),
        "imbalance": fairkit.analysis.imbalance(examples, np.str_("color"), "age", bins=np.int64(4)),
        "describe": fairkit.analysis.describe(examples, min_examples=np.int64(3)),
        "correlations": fairkit.analysis.correlations(examples),
        "balanced": fairkit.analysis.balance(examples, "digit", to={np.int64(0): np.int64(20)}).groups,
    }.items():
        python_only(value, name)
        if hasattr(value, "frame"):
            python_only(value.frame, f"{name}.frame")
        if hasattr(value, "to_dict"):
            python_only(value.to_dict(), f"{name}.to_dict()")
