"""Evaluations against scikit-learn, and the errors that users meet."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

import fairkit
from fairkit import Examples, FairkitError


@pytest.fixture(scope="module")
def binary():
    rng = np.random.default_rng(0)
    n = 500
    examples = Examples(labels=rng.integers(0, 2, n), weights=rng.uniform(0.5, 2, n),
                        groups={"color": rng.choice(["blue", "orange"], n), "digit": rng.integers(0, 3, n)})
    return examples, np.clip(rng.normal(0.4 + 0.2 * examples.labels, 0.2), 0, 1)


def test_rates_are_scikit_learns(binary):
    examples, scores = binary
    frame = fairkit.evaluate(scores, examples, ["color"], [0.3, 0.5]).frame
    rows = np.array([c == "blue" for c in examples.groups["color"].to_list()])
    for threshold in (0.3, 0.5):
        (tn, fp), (fn, tp) = confusion_matrix(examples.labels[rows], scores[rows] > threshold,
                                              sample_weight=examples.weights[rows])
        expected = {"false_positive_rate": fp / (fp + tn), "false_negative_rate": fn / (fn + tp),
                    "true_positive_rate": tp / (fn + tp), "recall": tp / (fn + tp),
                    "true_negative_rate": tn / (fp + tn), "specificity": tn / (fp + tn),
                    "f1_score": 2 * tp / (2 * tp + fp + fn), "precision": tp / (tp + fp),
                    "false_discovery_rate": fp / (tp + fp),
                    "false_omission_rate": fn / (tn + fn), "positive_rate": (tp + fp) / (tn + fp + fn + tp),
                    "negative_rate": (tn + fn) / (tn + fp + fn + tp)}
        found = frame[(frame["slice"] == "color:blue") & (frame["threshold"] == threshold)]
        assert dict(zip(found["metric"], found["value"], strict=True)) == pytest.approx(expected, abs=1e-12)
    blue = frame[frame["slice"] == "color:blue"].set_index("metric")["value"]
    assert blue["auc"] == pytest.approx(roc_auc_score(examples.labels[rows], scores[rows],
                                                      sample_weight=examples.weights[rows]), abs=1e-12)
    assert blue["accuracy"] == pytest.approx(accuracy_score(examples.labels[rows], scores[rows] > 0.5,
                                                            sample_weight=examples.weights[rows]))
    assert blue["example_count"] == rows.sum()
    assert blue["weighted_example_count"] == pytest.approx(examples.weights[rows].sum())


def test_the_frame_is_tidy(binary):
    examples, scores = binary
    evaluation = fairkit.evaluate(scores, examples, ["color", ("digit", "color")], [0.5])
    assert list(evaluation.frame) == ["slice", "class", "metric", "threshold", "value", "lower", "upper", "numerator",
                                      "denominator", "examples", "note"]
    assert evaluation.frame["slice"].drop_duplicates().tolist() == [
        "Overall", "color:blue", "color:orange",
        *(f"color_X_digit:{c}_X_{d}" for c in ("blue", "orange") for d in range(3))]
    inside = evaluation.frame.dropna(subset=["lower"])
    assert (inside["lower"] <= inside["value"]).all() and (inside["value"] <= inside["upper"]).all()
    assert not evaluation.frame.duplicated(["slice", "class", "metric", "threshold"]).any()
    again = fairkit.evaluate(scores, examples, evaluation.slices, evaluation.thresholds)
    assert again.frame.equals(evaluation.frame)


def test_softmax_top1_and_one_class_against_the_rest():
    rng = np.random.default_rng(1)
    scores = rng.dirichlet(np.ones(4), 300)
    examples = Examples(labels=rng.integers(0, 4, 300), groups={"g": rng.choice(["a", "b"], 300)})
    evaluation = fairkit.evaluate(scores, examples, ["g"], [0.3], classes=[2])
    assert evaluation.value("accuracy") == pytest.approx(np.mean(scores.argmax(1) == examples.labels))
    assert evaluation.value("auc", class_id=2) == pytest.approx(roc_auc_score(examples.labels == 2, scores[:, 2]))
    negatives = examples.labels != 2
    assert evaluation.value("false_positive_rate", threshold=0.3, class_id=2) == pytest.approx(
        np.mean(scores[negatives, 2] > 0.3))
    assert fairkit.evaluate(scores, examples).classes == [0, 1, 2, 3]


def test_given_values_and_several_values_a_cell():
    cells = [["christian", "muslim"], "christian", None, "jewish"]
    examples = Examples(labels=[0, 0, 0, 0], groups={"religion": cells})
    evaluation = fairkit.evaluate([0.9, 0.1, 0.9, 0.1], examples, [{"religion": ["muslim", "jewish"]}], [0.5])
    assert evaluation.frame["slice"].drop_duplicates().tolist() == ["Overall", "religion:jewish", "religion:muslim"]
    everyone = fairkit.evaluate([0.9, 0.1, 0.9, 0.1], examples, ["religion"], [0.5])
    counts = everyone.frame[everyone.frame["metric"] == "example_count"].set_index("slice")["value"]
    assert counts.to_dict() == {"Overall": 4, "religion:christian": 2, "religion:jewish": 1, "religion:muslim": 1}


def test_an_undefined_rate_is_missing_with_its_reason():
    examples = Examples(labels=[1, 1, 0], groups={"g": ["a", "a", "b"]})
    row = fairkit.evaluate([0.9, 0.2, 0.7], examples, ["g"], [0.5]).frame.query(
        "slice == 'g:a' and metric == 'false_positive_rate'").iloc[0]
    assert np.isnan(row["value"]) and np.isnan(row["lower"])
    assert row["note"] == "undefined: no negatives in this slice"


@pytest.mark.parametrize("arguments, says", [
    ({"slices": ["colour"]}, "no group column 'colour' to slice by. Expected: 'color' (the nearest)"),
    ({"slices": [{"color": "blu"}]}, "no example has color = 'blu'. Expected: 'blue' (the nearest)"),
    ({"slices": [None]}, "a slice is a feature, a tuple of features, or a dict of values"),
    ({"thresholds": [0.5, 1.5]}, "a threshold lies outside [0, 1]. Expected: numbers from 0 to 1. Received: 1.5"),
    ({"thresholds": [float("nan")]}, "a threshold lies outside [0, 1]"),
    ({"thresholds": []}, "there is no threshold"),
    ({"classes": [1]}, "classes are for models with several outputs"),
    ({"engine": "beam"}, "no engine 'beam'"),
])
def test_bad_input_is_named(binary, arguments, says):
    examples, scores = binary
    with pytest.raises(FairkitError) as error:
        fairkit.evaluate(scores, examples, **arguments)
    assert says in str(error.value)


def test_classes_must_be_the_models():
    examples = Examples(labels=[0, 1], groups={})
    with pytest.raises(FairkitError, match="class ids from 0 to 2. Received: 3"):
        fairkit.evaluate(np.eye(3)[:2], examples, classes=[3])
    with pytest.raises(FairkitError, match="no examples to evaluate on"):
        fairkit.evaluate([], Examples(labels=[], groups={}))


def test_mixes_of_features_and_values():
    examples = Examples(labels=[0] * 4, groups={"religion": ["muslim", "jewish", "muslim", "christian"],
                                                "gender": ["f", "m", "m", None], "age": [20, 30, 40, 50]})
    def names(*slices):
        return fairkit.evaluate([0.1] * 4, examples, list(slices), [0.5]).frame["slice"].drop_duplicates().tolist()[1:]

    assert names(("gender", {"religion": "muslim"})) == names({"gender": None, "religion": "muslim"}) == [
        "gender_X_religion:f_X_muslim", "gender_X_religion:m_X_muslim"]
    assert names(("religion", "gender", {"age": fairkit.bins(25)})) == [
        "age_X_gender_X_religion:< 25_X_f_X_muslim", "age_X_gender_X_religion:>= 25_X_m_X_jewish",
        "age_X_gender_X_religion:>= 25_X_m_X_muslim"]
    assert names({"age": 20}, ()) == ["age:20"]


def test_tfmas_slicing_specs_are_slices():
    from fairkit.quiet import silence

    with silence():
        from tensorflow_model_analysis.proto import config_pb2
    examples = Examples(labels=[0] * 3, groups={"religion": ["muslim", "jewish", "muslim"], "gender": ["f", "m", "m"]})
    specs = [config_pb2.SlicingSpec(), config_pb2.SlicingSpec(feature_keys=["gender"]),
             config_pb2.SlicingSpec(feature_keys=["gender"], feature_values={"religion": "muslim"})]
    evaluation = fairkit.evaluate([0.1] * 3, examples, specs, [0.5])
    assert evaluation.frame["slice"].drop_duplicates().tolist() == [
        "Overall", "gender:f", "gender:m", "gender_X_religion:f_X_muslim", "gender_X_religion:m_X_muslim"]


def test_examples_without_a_group_are_in_no_slice_of_it_and_counted():
    cells = [["christian", "muslim"], None, [], "muslim", float("nan")]
    examples = Examples(labels=[0] * 5, groups={"religion": cells, "gender": ["f"] * 5})
    evaluation = fairkit.evaluate([0.1] * 5, examples, ["religion", "gender"], [0.5])
    assert evaluation.without_group == {"gender": 0, "religion": 3}
    assert evaluation.value("example_count") == 5
    assert evaluation.value("example_count", "religion:muslim") == 2


def test_small_denominators_are_marked_and_kept(binary):
    examples, scores = binary
    frame = fairkit.evaluate(scores[:40], examples.take(np.arange(40)), ["color"], [0.5], min_examples=12).frame
    rows = frame[(frame["metric"] == "false_positive_rate") & (frame["slice"] != "Overall")].set_index("slice")
    for name in ("blue", "orange"):
        here = (np.array(examples.groups["color"].to_list()[:40]) == name) & (examples.labels[:40] == 0)
        row = rows.loc[f"color:{name}"]
        assert row["note"] == ("" if here.sum() >= 12 else f"too few negatives: {here.sum()}, at least 12 asked for")
        assert not np.isnan(row["value"])
    assert rows["note"].str.startswith("too few").any()


def test_mean_label_mean_prediction_and_their_ratio(binary):
    examples, scores = binary
    frame = fairkit.evaluate(scores, examples, ["color"], [0.5]).frame
    for name in ("Overall", "color:blue"):
        rows = np.array([name in ("Overall", f"color:{c}") for c in examples.groups["color"].to_list()])
        weights = examples.weights[rows]
        found = frame[frame["slice"] == name].set_index("metric")["value"]
        label, prediction = (np.average(values[rows], weights=weights) for values in (examples.labels, scores))
        assert found["mean_label"] == pytest.approx(label)
        assert found["mean_prediction"] == pytest.approx(prediction)
        assert found["calibration"] == pytest.approx(prediction / label)


def test_only_the_metrics_that_are_asked_for(binary):
    examples, scores = binary
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.5], metrics=["auc", "f1_score"])
    assert evaluation.frame["metric"].drop_duplicates().tolist() == ["auc", "f1_score"]
    with pytest.raises(FairkitError, match="no metric 'f1_scor'. Expected: 'f1_score' \\(the nearest\\)"):
        fairkit.evaluate(scores, examples, metrics=["f1_scor"])


def test_confusion_matrices_are_scikit_learns(binary):
    examples, scores = binary
    rows = np.array(examples.groups["color"].to_list()) == "blue"
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.3, 0.5])
    assert evaluation.confusion("color:blue", threshold=0.3).to_numpy() == pytest.approx(
        confusion_matrix(examples.labels[rows], scores[rows] > 0.3, sample_weight=examples.weights[rows]))
    with pytest.raises(FairkitError, match="several thresholds"):
        evaluation.confusion()
    with pytest.raises(FairkitError, match="'color:blue' \\(the nearest\\)"):
        evaluation.confusion("color:blu", 0.3)
    several = np.random.default_rng(2).dirichlet(np.ones(3), len(scores))
    labels = np.arange(len(scores)) % 3
    found = fairkit.evaluate(several, Examples(labels=labels, groups={})).confusion()
    assert found.to_numpy() == pytest.approx(confusion_matrix(labels, several.argmax(1)))
    assert (found.index.name, found.columns.name) == ("label", "predicted")


def test_chunks_are_merged_into_the_same_evaluation(binary):
    examples, scores = binary
    whole = fairkit.predict(scores, examples)
    slices = ["color", ("color", {"digit": fairkit.bins(1)})]
    chunks = (whole.take(np.arange(start, min(start + 70, len(scores)))) for start in range(0, len(scores), 70))
    merged = fairkit.evaluate(chunks, slices=slices, thresholds=[0.3, 0.5])
    expected = fairkit.evaluate(whole, slices=slices, thresholds=[0.3, 0.5])
    auc = merged.frame["metric"] == "auc"
    pd.testing.assert_frame_equal(merged.frame[~auc], expected.frame[~auc], rtol=1e-12)
    assert merged.predictions is None
    for key, area in zip(merged.keys, merged.areas.of(merged.keys, merged.members, None), strict=True):
        (exact,) = expected.areas.of([key], expected.members[[expected.keys.index(key)]], None)
        assert abs(area.value - exact.value) <= area.bound + 1e-12 and exact.bound == 0


@pytest.mark.parametrize("chunks, says", [
    ([fairkit.Predictions(np.array([0]), np.array([0.1]), {}), 3], "there are no examples"),
    (iter([3]), "chunk 0 is no Predictions"),
    (iter([]), "there are no examples to evaluate on"),
    (iter([fairkit.Predictions(np.array([0]), np.array([0.1]), {}),
           fairkit.Predictions(np.array([0]), np.array([0.1]), {}, np.array([2.0]))]),
     "some chunks have weights and some have none"),
])
def test_bad_chunks_are_named(chunks, says):
    with pytest.raises(FairkitError) as error:
        fairkit.evaluate(chunks)
    assert says in str(error.value)


@pytest.fixture
def added():
    yield
    fairkit.RATES.pop("jaccard", None)


def test_a_rate_is_added_in_one_line(binary, added):
    examples, scores = binary
    fairkit.add_rate("jaccard", lambda c: c.tp, lambda c: c.tp + c.fp + c.fn, better="higher")
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.5])
    f1 = evaluation.value("f1_score", "color:blue", 0.5)
    assert evaluation.value("jaccard", "color:blue", 0.5) == pytest.approx(f1 / (2 - f1))
    assert evaluation.gaps("jaccard", reference={"color": "blue"})["lower"].notna().all()


@pytest.mark.parametrize("arguments, says", [
    (("recall", lambda c: c.tp, lambda c: c.tp), "there is a metric 'recall' already"),
    (("my rate", lambda c: c.tp, lambda c: c.tp), "no proper name"),
    (("odd", lambda c: c.tp * c.tp, lambda c: c.all), "the numerator of rate 'odd' is no sum of counts"),
    (("odd", lambda c: c.tpp, lambda c: c.all), "the numerator of rate 'odd' is no sum of counts"),
    (("odd", lambda c: 2 * c.tp, lambda c: c.tp + c.fp), "does not lie in [0, 1]"),
    (("odd", lambda c: c.tp, lambda c: c.all, "up"), "no such direction"),
])
def test_what_is_no_rate_is_refused(arguments, says):
    with pytest.raises(FairkitError) as error:
        fairkit.add_rate(*arguments)
    assert says in str(error.value)


CONFIG = """
model_specs { label_key: "label" prediction_key: "score" WEIGHT }
metrics_specs { metrics { class_name: "FairnessIndicators" config: '{"thresholds": [0.25, 0.5]}' }
                metrics { class_name: "AUC" } }
slicing_specs {} slicing_specs { feature_keys: ["color"] } slicing_specs { feature_values { key: "digit" value: "1" } }
"""


@pytest.mark.parametrize("weight", ["", 'example_weight_key: "weight"'])
def test_a_config_of_tfma_stands_in_place_of_slices_and_thresholds(binary, weight):
    examples, scores = binary
    predictions = fairkit.predict(scores, examples)
    config = CONFIG.replace("WEIGHT", weight)
    weighed = predictions if weight else fairkit.Predictions(predictions.labels, predictions.scores, predictions.groups)
    expected = fairkit.evaluate(weighed, slices=["color", {"digit": 1}], thresholds=[0.25, 0.5])
    found = fairkit.evaluate(predictions, config=config)
    shown = expected.frame["metric"].isin(found.frame["metric"].unique())
    pd.testing.assert_frame_equal(found.frame, expected.frame[shown].reset_index(drop=True))
    assert {"auc", "false_positive_rate"} < set(found.frame["metric"])
    chunks = fairkit.evaluate(iter([predictions.take(np.arange(100)), predictions.take(np.arange(100, len(scores)))]),
                              config=config)
    assert chunks.value("recall", "digit:1", 0.25) == pytest.approx(found.value("recall", "digit:1", 0.25))


@pytest.mark.parametrize("options, says", [
    ({"config": CONFIG.replace("WEIGHT", ""), "thresholds": [0.5]}, "thresholds are given beside a config"),
    ({"beam": ["--x"]}, "beam is an option of engine='tfma'"),
    ({"intervals": "jackknife"}, "or evaluation.bootstrap(...)"),
    ({"examples": "posts.tfrecord"}, "a model is evaluated on records by TFMA only"),
])
def test_options_that_do_not_go_together_are_named(binary, options, says):
    examples, scores = binary
    with pytest.raises(FairkitError) as error:
        fairkit.evaluate(scores, **{"examples": examples, **options})
    assert says in str(error.value)


@pytest.mark.parametrize("call, says", [
    (lambda e, s: fairkit.evaluate(s, e, min_examples="a"), "min_examples is no number of examples"),
    (lambda e, s: fairkit.evaluate(s, e, min_examples=-1), "min_examples is no number of examples"),
    (lambda e, s: fairkit.evaluate(s, e, min_examples=5.5, engine="tfma"), "min_examples is no number of examples"),
    (lambda e, s: fairkit.evaluate(s, e, metrics=[]), "there is no metric to show"),
    (lambda e, s: fairkit.evaluate(s, e, [{"color": []}]), "a slice names no value"),
    (lambda e, s: fairkit.evaluate(np.column_stack([s, s, s]), e, classes=[]), "there is no class to judge"),
    (lambda e, s: fairkit.evaluate(s, e, ["color"]).gaps(["recall"]), "a rate is given by its name"),
    (lambda e, s: fairkit.evaluate(s, e, ["color"]).gaps("calibration"), "is no rate at a threshold"),
    (lambda e, s: fairkit.evaluate(s, e, ["color"]).gaps("recall", reference={"color": ["blue"]}),
     "a reference names one value of a feature"),
    (lambda e, s: fairkit.compare(fairkit.evaluate(s, e), 3), "what is compared after is no evaluation"),
    (lambda e, s: fairkit.compare(*[fairkit.evaluate(s, e)] * 2, thresholds=[0.5]), "a dict {before: after}"),
    (lambda e, s: fairkit.add_rate("auc", lambda c: c.tp, lambda c: c.all), "there is a metric 'auc' already"),
    (lambda e, s: fairkit.evaluate([0.1, 0.2], Examples(labels=[0, np.nan], groups={})), "the labels are no class ids"),
    (lambda e, s: Examples(labels=[0], groups={}, weights=[1e-300]), "a weight is out of range"),
    (lambda e, s: Examples(labels=[0], groups={"on": np.array([1], "m8[D]")}), "is no group"),
    (lambda e, s: fairkit.evaluate([0.1], Examples(labels=[0], groups={"g": [None]}), ["g"]).gaps("recall"),
     "no example has a value"),
])
def test_what_a_first_user_gets_wrong_is_named(binary, call, says):
    with pytest.raises(FairkitError) as error:
        call(*binary)
    assert says in str(error.value)


@pytest.mark.parametrize("classes", [None, [2, 0]])
def test_an_evaluation_at_other_thresholds_is_as_it_was_asked_for(classes, tmp_path):
    rng = np.random.default_rng(3)
    n = 400
    scores = rng.random((n, 3)) if classes else rng.random(n)
    scores = scores / scores.sum(-1, keepdims=True) if classes else scores
    groups = {"age": rng.integers(15, 80, n), "color": [["a"], ["a", "b"], [], ["c"]] * (n // 4)}
    examples = fairkit.Examples(labels=rng.integers(0, 3 if classes else 2, n), groups=groups, weights=rng.random(n))
    asked = {"slices": [{"age": fairkit.quantiles(3)}, {"color": ["a", "b"]}, ("color", "age")], "classes": classes,
             "min_examples": 7, "metrics": ["recall", "accuracy", "auc"]}
    asked["slices"][2] = {"color": None, "age": fairkit.quantiles(3)}
    evaluation = fairkit.evaluate(scores, examples, thresholds=[0.5], **asked)
    evaluation.save(tmp_path)
    expected = fairkit.evaluate(scores, examples, thresholds=[0.2, 0.4], **asked)
    for before in (evaluation, fairkit.load_evaluation(tmp_path)):
        again = before.at_thresholds([0.4, 0.2])
        pd.testing.assert_frame_equal(again.frame, expected.frame)
        assert (again.min_examples, again.metrics, again.classes) == (7, expected.metrics, expected.classes)
    if classes:
        assert evaluation.at_thresholds(0.4, [2]).classes == [2]
    with pytest.raises(FairkitError, match="outside"):
        evaluation.at_thresholds(1.4)
    counted = fairkit.evaluate(iter([evaluation.predictions]), thresholds=[0.5], classes=classes)
    with pytest.raises(FairkitError, match="no predictions"):
        counted.at_thresholds(0.4)


def test_predictions_are_probabilities_already(tmp_path):
    """from_logits beside what holds probabilities is refused, and what the refusal names is walked."""
    logits, labels = [-2.0, 3.0, 0.5, -0.1], [0, 1, 0, 1]
    examples = fairkit.Examples(labels=labels, groups={"g": list("abab")})
    predictions = fairkit.predict(logits, examples, from_logits=True)
    path = tmp_path / "scored.parquet"
    pd.DataFrame({"label": labels, "scores": predictions.scores, "logit": logits}).to_parquet(path)
    for given in (predictions, [predictions], path, fairkit.evaluation.read_predictions(path)):
        for engine in ("counts", "tfma"):
            with pytest.raises(FairkitError, match=r"evaluate\(model or scores, examples, from_logits=True\)"):
                fairkit.evaluate(given, thresholds=[0.5], from_logits=True, engine=engine)
    with pytest.raises(FairkitError, match=r"flips\(model, pairs, from_logits=True\)"):
        fairkit.evaluation.flips([predictions, predictions], from_logits=True)
    read = fairkit.data.read(path, label="label", inputs="logit")
    for found in (fairkit.evaluate(logits, examples, thresholds=[0.5], from_logits=True),
                  fairkit.evaluate(lambda inputs: inputs, read, thresholds=[0.5], from_logits=True)):
        assert found.value("auc") == roc_auc_score(labels, logits)
        assert found.value("positive_rate", threshold=0.5) == np.mean(np.array(logits) > 0)
