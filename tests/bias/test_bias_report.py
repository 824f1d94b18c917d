"""What a report takes, and what it shows."""

import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.bias import METRICS, bias_report
from fairkit.bias.conditions import condition_of
from fairkit.bias.outcomes import predicted
from fairkit.bias.report import COLUMNS
from fairkit.bias.table import table_of


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(3)
    n = 500
    frame = pd.DataFrame({"sex": rng.choice(["f", "m", None], n, p=[.4, .5, .1]), "age": rng.integers(18, 80, n),
                          "race": rng.choice(["b", "w"], n), "stars": rng.integers(1, 6, n), "x": rng.normal(size=n),
                          "job": rng.choice(["u", "v"], n)})
    frame["guess"] = np.where(rng.random(n) < .7, frame["stars"], rng.integers(1, 6, n))
    frame["score"] = np.clip(frame["stars"] / 6 + rng.normal(0, .15, n), 0, 1)
    return frame


def test_a_row_for_each_facet_value_metric_and_threshold(people):
    found = bias_report(people, "stars", [4, 5], "sex", predictions="score", thresholds=[.4, .6], group="job",
                        features=["x", "age"])
    assert list(found.frame.columns) == list(COLUMNS)
    assert len(found.frame) == 2 * (8 + 13 * 2)
    assert found.frame["metric"].unique().tolist() == list(METRICS)
    assert found.frame["note"][~found.frame["note"].str.startswith("of all examples")].eq("").all()
    assert found.thresholds == (.4, .6) and found.missing == {"sex": int(people["sex"].isna().sum())}
    assert found.value("AD", "f", threshold=.4) != found.value("AD", "f", threshold=.6)
    assert found.value("CI", "f") == -found.value("CI", "m")
    with pytest.raises(FairkitError, match="4 rows"):
        found.value("AD")
    with pytest.raises(FairkitError, match="no facet_value 'x'"):
        found.value("AD", "x")


def test_several_positive_values_are_one_outcome(people):
    stars = bias_report(people, "stars", [4, 5], "sex", "f", predictions="guess", methods="counts")
    binary = people.assign(stars=people["stars"] >= 4, guess=people["guess"] >= 4)
    same = bias_report(binary, "stars", True, "sex", "f", predictions="guess", methods="counts")
    np.testing.assert_array_equal(stars.frame["value"], same.frame["value"])
    above = bias_report(people, "stars", ">3", "sex", "f", predictions="guess", methods="counts")
    np.testing.assert_array_equal(stars.frame["value"], above.frame["value"])
    at_least = bias_report(people, "stars", ">=4", "sex", "f", predictions="guess", methods="counts")
    np.testing.assert_array_equal(stars.frame["value"], at_least.frame["value"])


def test_facets_by_value_by_threshold_and_crossed(people):
    known = people[people["sex"].notna()]
    crossed = bias_report(people, "stars", [4, 5], ("sex", "race"), methods=["CI", "DPL"])
    assert crossed.frame["facet_value"].unique().tolist() == ["f,b", "f,w", "m,b", "m,w"]
    here = (known["sex"] == "f") & (known["race"] == "w")
    positive = known["stars"] >= 4
    assert crossed.value("DPL", "f,w") == pytest.approx(positive[~here].mean() - positive[here].mean())
    old = bias_report(people, "stars", [4, 5], {"age": ">40", ("sex", "age"): ("f", ">40"), "race": None},
                      methods=["DPL"])
    positive = people["stars"] >= 4
    assert old.value("DPL", "> 40") == pytest.approx(positive[people["age"] <= 40].mean()
                                                     - positive[people["age"] > 40].mean())
    here = (known["sex"] == "f") & (known["age"] > 40)
    positive = known["stars"] >= 4
    assert old.value("DPL", "f,> 40") == pytest.approx(positive[~here].mean() - positive[here].mean())
    both = bias_report(people, "stars", [4, 5], "sex", ["f", "m"], methods=["DPL", "CI"])
    assert both.frame["note"].str.startswith("undefined: no examples in facet a").all()


def test_who_has_no_value_is_in_neither_facet(people):
    report = bias_report(people, "stars", [4, 5], "sex", "f", methods=["CI"])
    sizes = people["sex"].value_counts()
    assert (report.frame["n_a"][0], report.frame["n_d"][0]) == (sizes["m"], sizes["f"])
    assert "are in neither facet" in str(report)


def test_rows_without_label_or_prediction_are_left_out_and_counted(people):
    lacking = people.assign(stars=people["stars"].where(people.index >= 7),
                            guess=people["guess"].where(people.index < 490))
    report = bias_report(lacking, "stars", [4, 5], "sex", "f", predictions="guess", features=["x"])
    same = bias_report(people.iloc[7:490].reset_index(drop=True), "stars", [4, 5], "sex", "f", predictions="guess",
                       features=["x"])
    assert report.left_out == {"no label": 7, "no prediction": 10}
    pd.testing.assert_frame_equal(report.frame, same.frame)


def test_examples_give_the_same_as_a_frame(people):
    groups = {name: people[name] for name in ("sex", "race", "job")}
    labels = (people["stars"] >= 4).astype(int)
    weights = np.linspace(.5, 2, len(people))
    examples = fairkit.Examples(labels=labels, groups=groups, weights=weights,
                                inputs={"x": people["x"].to_numpy(), "age": people["age"].to_numpy()})
    ours = fairkit.bias_report(examples, facet="sex", predictions=people["score"].to_numpy(), thresholds=.5,
                               group="job")
    frame = people.assign(y=labels, w=weights)
    same = bias_report(frame, "y", 1, "sex", predictions="score", thresholds=.5, group="job", weights="w",
                       features=["x", "age"])
    pd.testing.assert_frame_equal(ours.frame, same.frame)
    for table in (pa.Table.from_pandas(frame), frame.to_dict("list")):
        again = bias_report(table, "y", 1, "sex", predictions="score", thresholds=.5, group="job", weights="w",
                            features=["x", "age"])
        pd.testing.assert_frame_equal(ours.frame, again.frame)


def test_a_cell_may_hold_several_groups():
    examples = fairkit.Examples(labels=[1, 0, 1, 0, 1], groups={"faith": [["c", "m"], ["c"], ["m"], ["j"], []]})
    report = bias_report(examples, facet="faith", methods=["CI", "DPL"])
    assert report.frame["facet_value"].unique().tolist() == ["c", "j", "m"]
    assert report.value("CI", "c") == 0 and report.value("DPL", "m") == -1


def test_predictions_of_a_callable_and_of_classes(people):
    by_column = bias_report(people, "stars", [4, 5], "sex", "f", predictions="score", thresholds=.5,
                            methods=["AD", "FT"], features=["x", "age"])
    called = bias_report(people, "stars", [4, 5], "sex", "f", predictions=lambda frame: people["score"],
                         thresholds=.5, methods=["AD", "FT"], features=["x", "age"])
    np.testing.assert_array_equal(by_column.frame["value"], called.frame["value"])
    binary = fairkit.Examples(labels=(people["stars"] >= 4).astype(int), groups={"sex": people["sex"]})
    made = fairkit.predict(people["score"].to_numpy(), binary)
    again = fairkit.bias_report(binary, facet="sex", facet_values="f", predictions=made, thresholds=.5, methods=["AD"])
    assert again.value("AD") == by_column.value("AD")
    scores = np.eye(5)[people["guess"] - 1]
    classes = bias_report(people, "stars", [4, 5], "sex", "f", predictions=scores, classes=[1, 2, 3, 4, 5],
                          methods=["AD"])
    assert classes.value("AD") == bias_report(people, "stars", [4, 5], "sex", "f", predictions="guess",
                                              methods=["AD"]).value("AD")


def test_a_keras_model_on_columns(people):
    from fairkit.quiet import keras

    keras.utils.set_random_seed(1)
    matrix = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    age, x = keras.Input((1,), name="age"), keras.Input((1,), name="x")
    named = keras.Model({"age": age, "x": x}, keras.layers.Dense(1, "sigmoid")(keras.layers.Concatenate()([age, x])))
    named.set_weights(matrix.get_weights())
    reports = [bias_report(people, "stars", [4, 5], "sex", "f", predictions=matrix, thresholds=[.5, .9],
                           methods=["DPPL"], features=["age", "x"]),
               bias_report(people, "stars", [4, 5], "sex", "f", predictions=named, thresholds=[.5, .9],
                           methods=["DPPL"])]
    scores = matrix.predict(people[["age", "x"]].to_numpy(np.float32), verbose=0)[:, 0]
    same = bias_report(people, "stars", [4, 5], "sex", "f", predictions=scores, thresholds=[.5, .9], methods=["DPPL"])
    for report in reports:
        np.testing.assert_array_equal(report.frame["value"], same.frame["value"])
    with pytest.raises(FairkitError, match="'job' holds no numbers"):
        bias_report(people, "stars", [4, 5], "sex", "f", predictions=matrix, features=["age", "job"])


def test_what_is_undefined_is_missing_with_its_reason(people):
    frame = pd.DataFrame({"side": list("aaadd"), "truth": [1, 0, 1, 0, 0], "said": [1, 0, 0, 0, 0]})
    found = bias_report(frame, "truth", 1, "side", "d", predictions="said").frame.set_index("metric")
    assert found.loc["RD", "note"] == "undefined: no positives in facet d"
    assert found.loc["DAR", "note"] == "undefined: no predicted positives in facet d"
    assert found.loc["CDDL", "note"] == "undefined: no group variable is given (group=)"
    assert found.loc["FT", "note"].startswith("failed: the flip test has no features")
    for short in ("RD", "DAR", "TE", "CDDL", "FT"):
        assert math.isnan(found.loc[short, "value"]) and found["excludes_fair"].isna()[short]
    assert found.loc["DI", "value"] == 0 and not math.isnan(found.loc["AD", "lower"])   # the others are not lost


def test_the_json_has_clarifys_layout(people, tmp_path):
    report = bias_report(people, "stars", [4, 5], {"sex": "f", "age": ">40"}, predictions="score", thresholds=[.3, .5])
    report.save_json(tmp_path / "analysis.json", threshold=.5)
    found = json.loads((tmp_path / "analysis.json").read_text())
    assert set(found) == {"version", "pre_training_bias_metrics", "post_training_bias_metrics", "fairkit"}
    for stage in ("pre_training_bias_metrics", "post_training_bias_metrics"):
        assert found[stage]["label"] == "stars" and found[stage]["label_value_or_threshold"] == "4,5"
        assert list(found[stage]["facets"]) == ["sex", "age"]
    facet, = found["post_training_bias_metrics"]["facets"]["sex"]
    assert facet["value_or_threshold"] == "f"
    names = [metric["name"] for metric in facet["metrics"]]
    assert names == sorted(names) and len(names) == 13
    by_name = {metric["name"]: metric for metric in facet["metrics"]}
    assert by_name["DI"]["description"] == "Disparate Impact (DI)"
    assert by_name["DI"]["value"] == report.value("DI", "f", threshold=.5)
    assert by_name["CDDPL"]["value"] is None and "group" in by_name["CDDPL"]["error"]
    assert found["post_training_bias_metrics"]["facets"]["age"][0]["value_or_threshold"] == "(40.0, 79.0]"
    with pytest.raises(FairkitError, match="no threshold 0.4"):
        report.to_dict(.4)


def test_infinite_values_are_texts_in_the_json():
    frame = pd.DataFrame({"side": list("aadd"), "truth": [1, 0, 0, 0], "said": [0, 0, 1, 0]})
    found = bias_report(frame, "truth", 1, "side", "d", predictions="said", methods=["KL", "DI"]).to_dict()
    assert found["post_training_bias_metrics"]["facets"]["side"][0]["metrics"][0]["value"] == "Infinity"
    assert found["pre_training_bias_metrics"]["facets"]["side"][0]["metrics"][0]["value"] == "Infinity"


def test_tables_show_and_escape(people):
    evil = people.assign(sex=np.where(people["sex"] == "f", "<script>alert(1)</script>", "m"))
    report = bias_report(evil, "stars", [4, 5], "sex", predictions="guess", methods="counts")
    page, text = report._repr_html_(), str(report)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert page.count("<tr>") == 2 * 20 + 2 and "<script>alert(1)</script> (d," in text
    for short in METRICS:
        if short != "FT":
            assert f"\n{short} " in text and f">{short}</th>" in page


@pytest.mark.parametrize(("options", "message"), [
    ({"label": "star"}, "label: no column 'star'.*'stars' .the nearest"),
    ({"facet": "sec"}, "facet: no column 'sec'.*'sex' .the nearest"),
    ({"facet": None}, "no facet is named"),
    ({"facet_values": "x"}, "column 'sex' has no value 'x'"),
    ({"positive": [4, 7]}, "column 'stars' has no value '7'"),
    ({"positive": ">9"}, "no label of 'stars' is positive"),
    ({"facet": "sex", "facet_values": ">3"}, "column 'sex' holds something else than numbers"),
    ({"predictions": "gess"}, "no column 'gess' and no model there"),
    ({"predictions": [1, 2]}, "another length than the data"),
    ({"predictions": 0.5}, "predictions: one value is not a column"),
    ({"predictions": "score"}, "these predictions are no labels.*thresholds= for scores"),
    ({"methods": ["DPPL"]}, "DPPL is a metric of predictions, and there are none"),
    ({"group": "jobs"}, "group: no column 'jobs'"),
    ({"weights": "x"}, "the weights do not fit"),
    ({"predictions": "score", "thresholds": "high"}, "thresholds are no distinct numbers"),
    ({"facet": ("sex", "race"), "facet_values": "f"}, "not one for each column"),
    ({"distributions": "all"}, "distributions are over something else"),
])
def test_bad_input_is_named(people, options, message):
    with pytest.raises(FairkitError, match=message):
        bias_report(people, **{"label": "stars", "positive": [4, 5], "facet": "sex", **options})


def test_odd_facets_are_no_crash(people):
    same = people.assign(sex="f", flag=people["age"] > 40, nothing=None, zero=(people["sex"] != "f") * 1.0)
    for facet, values, weights in (("sex", "f", None), ("flag", True, None), ("flag", "True", None),
                                   ("age", ">200", None), ("stars", None, None)):
        report = bias_report(same, "stars", [4, 5], facet, values, predictions="guess", weights=weights,
                             methods="counts", group="job", distributions="values")
        json.dumps(report.to_dict(), allow_nan=False)
        assert str(report) and report._repr_html_()
    weighted = bias_report(people, "stars", [4, 5], "sex", "f", predictions="guess", weights=same["zero"]).frame
    assert weighted["note"][0] == "undefined: no examples in facet d" and weighted["n_d"][0] > 0
    with pytest.raises(FairkitError, match="no row has a value of facet 'nothing'"):
        bias_report(same, "stars", [4, 5], "nothing")
    with pytest.raises(FairkitError, match="no rows to judge"):
        bias_report(same.head(0), "stars", [4, 5], "sex")


def test_the_same_seed_gives_the_same_report(people):
    asked = {"label": "stars", "positive": [4, 5], "facet": "sex", "predictions": "guess", "methods": "counts"}
    frames = [bias_report(people, seed=5, **asked).frame for _ in range(2)]
    pd.testing.assert_frame_equal(*frames)


def test_the_text_beside_the_html_is_the_table():
    report = bias_report({"y": [1, 0, 1, 0], "g": ["a", "a", "b", "b"]}, "y", 1, "g", "a")
    assert report._repr_mimebundle_() == {"text/plain": str(report)} and "DPL" in str(report)


def test_thresholds_that_differ_have_different_names():
    frame = {"y": [0, 1, 1, 0, 1, 0], "v": [1234566, 1234568, 1234568, 1234569, 1234570, 1234571]}
    report = bias_report(frame, "y", 1, [{"v": ">1234567"}, {"v": ">1234568"}, {"v": ">.1"}], methods=["CI", "DPL"])
    assert report.frame["facet_value"].unique().tolist() == ["> 1234567", "> 1234568", "> 0.1"]
    assert report.value("CI", "> 1234567") == pytest.approx((1 - 5) / 6)
    assert report.value("CI", "> 1234568") == pytest.approx((3 - 3) / 6)
    close = [.1 + .2, .3]   # 15 digits do not tell these apart
    texts = [condition_of("facet_values", f">={number!r}").text for number in close]
    assert texts == [">= 0.30000000000000004", ">= 0.3"]
    written = report.to_dict()["pre_training_bias_metrics"]["facets"]["v"]
    assert [len(one["metrics"]) for one in written] == [2, 2, 2]
    assert [one["value_or_threshold"] for one in written][:2] == ["(1234567.0, 1234571.0]", "(1234568.0, 1234571.0]"]


def test_facets_of_one_name_stay_apart_in_the_json():
    frame = {"y": [0, 1, 1, 0, 1, 0], "s": list("aabbba"), "t": ["a,b", "a", "a", "a,b", "a", "b,a"]}
    report = bias_report(frame, "y", 1, ["s", {"s": "a"}], methods="pre_training")
    written = report.to_dict()["pre_training_bias_metrics"]["facets"]
    assert list(written) == ["s"] and [one["value_or_threshold"] for one in written["s"]] == ["a", "b", "a"]
    assert [len(one["metrics"]) for one in written["s"]] == [8, 8, 8]
    values = [[(metric["name"], metric["value"]) for metric in one["metrics"]] for one in written["s"]]
    assert values[0] == values[2] != values[1]
    assert report.value("DPL", "a") == dict(values[0])["DPL"]   # twice the same is one
    other = bias_report(frame, "y", 1, [{"t": ["a", "b,a"]}, {"t": "a"}, "s"], methods=["CI"])
    with pytest.raises(FairkitError, match="2 rows of this report are meant"):
        other.value("CI", "a")
    crossed = bias_report({"y": [0, 1, 0, 1], "s": ["a,b", "a", "a", "a,b"], "t": ["c", "b,c", "b,c", "d"]}, "y", 1,
                          ("s", "t"), methods=["CI", "DPL"])   # "a,b" with "c", and "a" with "b,c"
    written = crossed.to_dict()["pre_training_bias_metrics"]["facets"]["s,t"]
    assert sorted(one["value_or_threshold"] for one in written) == ["a,b,c", "a,b,c", "a,b,d"]
    assert [len(one["metrics"]) for one in written] == [2, 2, 2]
    with pytest.raises(FairkitError, match="2 rows of this report are meant"):
        crossed.value("CI", "a,b,c")


@pytest.mark.parametrize("values", ["<40", "<= 40", ["<40", "<50"]])
def test_only_lower_bounds_are_thresholds(people, values):
    with pytest.raises(FairkitError, match="no value '<.*only > and >= are thresholds"):
        bias_report(people, "stars", [4, 5], "age", values)
    spelled = people.assign(old=np.where(people["age"] < 40, "<40", "40 up"))   # but a cell may say so
    assert bias_report(spelled, "stars", [4, 5], "old", "<40", methods=["CI"]).value("CI") == pytest.approx(
        (people["age"] >= 40).mean() - (people["age"] < 40).mean())


def test_a_tabular_model_on_a_frame_with_empty_cells(people):
    frame = people[["age", "sex", "race"]].assign(y=(people["stars"] > 3).astype(int))
    frame["age"] = frame["age"].where(frame.index % 7 > 0)
    assert frame["sex"].isna().any() and frame["age"].isna().any()
    inputs = frame[["age", "sex", "race"]]
    model = fairkit.models.tabular_classifier(inputs, seed=0)
    examples = fairkit.Examples(labels=frame["y"], groups={"race": frame["race"]}, inputs=inputs,
                                missing_inputs="keep")
    expected = fairkit.predict(model, examples).scores
    asked = {"label": "y", "facet": "race", "predictions": model, "thresholds": .5, "methods": ["DPPL"]}
    lists = {name: [None if cell != cell else cell for cell in frame[name].tolist()] for name in frame}
    for table in (frame, lists, pa.Table.from_pandas(frame)):
        for features in (None, ["race", "age", "sex"], ["age", "sex", "race", "y"]):
            scores = bias_report(table, features=features, **asked).outcomes.scores
            np.testing.assert_allclose(scores, expected, atol=1e-6)
    with pytest.raises(FairkitError, match="no feature is called as the model's input 'sex'"):
        bias_report(frame, features=["age", "race"], **asked)
    with pytest.raises(FairkitError, match="no column is called as the model's input 'sex'"):
        bias_report(frame.drop(columns="sex"), **asked)


def test_a_model_of_another_width_is_named(people):
    from fairkit.quiet import keras

    class Own(keras.Model):   # declares no inputs
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1, "sigmoid")

        def call(self, rows):
            return self.dense(rows)

    own = Own()
    own(np.zeros((1, 3), np.float32))
    one = keras.Input((3,), name="x")   # the name of a column, but three numbers
    asked = {"label": "stars", "positive": [4, 5], "facet": "race", "methods": ["DPPL"], "features": ["x", "age"]}
    for model in (keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "sigmoid")]),
                  keras.Model(one, keras.layers.Dense(1, "sigmoid")(one))):
        with pytest.raises(FairkitError, match="another number of features. Expected: 3.*Received: 2: x, age"):
            bias_report(people, predictions=model, **asked)
    with pytest.raises(FairkitError, match="the model cannot take these inputs.*axis -1") as error:
        bias_report(people, predictions=own, **asked)
    assert "\n" not in str(error.value) and "\x1b" not in str(error.value)


def test_a_callable_is_fed_neither_label_nor_weights(people):
    fed = []

    def model(frame):
        fed.append(list(frame.columns))
        return people["score"]

    condition = condition_of("positive", [4, 5])
    predicted(model, table_of(people), condition, "stars", .5, weights="score")
    predicted(model, table_of(people), condition, "stars", .5, features=["x", "score"], weights="score")
    assert fed == [["sex", "age", "race", "x", "job", "guess"], ["x", "score"]]


@pytest.mark.parametrize("some", [(), (0.0,), (1.0,), (0.0, 1.0)])
def test_scores_are_told_from_labels_by_all_their_values(some):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"y": rng.integers(0, 2, 200), "g": rng.choice(["a", "b"], 200), "score": rng.random(200)})
    frame.loc[:len(some) - 1, "score"] = some
    with pytest.raises(FairkitError, match="these predictions are no labels.*thresholds= for scores"):
        fairkit.bias_report(frame, "y", 1, "g", predictions="score")
    report = fairkit.bias_report(frame, "y", 1, "g", predictions="score", thresholds=0.5)
    labelled = fairkit.bias_report(frame.assign(p=(frame["score"] > 0.5).astype(int)), "y", 1, "g", predictions="p")
    both = report.frame["value"].notna() & labelled.frame["value"].notna()
    assert both.sum() > 20 and report.frame["value"][both].equals(labelled.frame["value"][both])
    with pytest.raises(FairkitError, match=r"scores lie in \[0, 1\], and a threshold does not.*2"):
        fairkit.bias_report(frame, "y", 1, "g", predictions="score", thresholds=[0.5, 2])


def test_predictions_of_numbers_above_a_threshold_may_be_fractions():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"stars": rng.integers(1, 6, 200), "g": rng.choice(["a", "b"], 200)})
    frame["said"] = frame["stars"] + rng.normal(0, 0.3, 200)
    report = fairkit.bias_report(frame, "stars", ">3", "g", predictions="said")
    exact = fairkit.bias_report(frame.assign(said=(frame["said"] > 3).map({True: 5, False: 1})), "stars", ">3", "g",
                                predictions="said")
    assert report.frame["value"].equals(exact.frame["value"])
