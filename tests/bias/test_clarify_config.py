"""Configurations as the public documentation of Clarify has them, run on the data set that it describes."""

import json

import numpy as np
import pandas as pd
import pytest

from fairkit import FairkitError
from fairkit.bias import bias_report, clarify_report
from fairkit.bias.clarify_config import parsed
from fairkit.bias.clarify_paths import part_of
from fairkit.bias.clarify_predictor import requests
from fairkit.bias.definitions import POST_TRAINING, PRE_TRAINING

HEADERS = ["Age", "Gender", "Income", "Occupation", "Target"]
# Written from the documentation's facts: a binary label, facet value 0 of a binary column, every method there is.
CSV = {"dataset_type": "text/csv", "label": "Target", "label_values_or_threshold": [1],
       "facet": [{"name_or_index": "Gender", "value_or_threshold": [0]}], "probability_threshold": 0.5,
       "methods": {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"},
                   "shap": {"num_clusters": 1}, "pdp": {"top_k_features": 2, "grid_resolution": 10},
                   "report": {"name": "report", "title": "Analysis Report"}},
       "predictor": {"endpoint_name": "your_endpoint", "probability": 1}}
LINES = {**CSV, "dataset_type": "application/jsonlines", "headers": HEADERS, "label": "Label", "features": "Features",
         "group_variable": "Occupation",
         "predictor": {"model_name": "your_model", "initial_instance_count": 1, "instance_type": "ml.m5.large",
                       "content_template": '{"Features":$features}', "label": "predicted_label"}}


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"Age": rng.integers(18, 80, 200), "Gender": rng.integers(0, 2, 200),
                          "Income": rng.integers(1000, 9000, 200), "Occupation": rng.integers(0, 4, 200)})
    frame["Target"] = (rng.random(200) < .3 + .3 * frame["Gender"]).astype(int)
    return frame


@pytest.fixture(scope="module")
def folder(people, tmp_path_factory):
    """The data set in each format, and a model's results."""
    folder = tmp_path_factory.mktemp("clarify")
    people[["Target", *HEADERS[:4]]].to_csv(folder / "data.csv", index=False)
    people.to_csv(folder / "bare.csv", index=False, header=False)
    people.to_parquet(folder / "data.parquet")
    records = [{"Features": row[:4], "Label": row[4]} for row in people.to_numpy().tolist()]
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    (folder / "data.json").write_text(json.dumps(records))
    scores = np.clip(.3 + .4 * people["Target"] + np.random.default_rng(1).normal(0, .2, 200), 0, 1)
    results = [{"predicted_label": int(score > .5), "probability": score} for score in scores.tolist()]
    (folder / "results.jsonl").write_text("\n".join(map(json.dumps, results)))
    cells = [f"{one['predicted_label']},{one['probability']!r}" for one in results]
    (folder / "results.csv").write_text("\n".join(cells))
    return folder


@pytest.fixture(scope="module")
def expected(people, folder):
    said = [json.loads(line)["predicted_label"] for line in (folder / "results.jsonl").read_text().splitlines()]
    return bias_report(people.assign(said=said), "Target", 1, "Gender", 0, predictions="said", group="Occupation",
                       features=["Age", "Income", "Occupation"])


def same(report, expected, without=()):
    rows = [frame[~frame["metric"].isin(without)].drop(columns="threshold").reset_index(drop=True)
            for frame in (report.frame, expected.frame)]
    pd.testing.assert_frame_equal(*rows)


def test_the_csv_example(folder, expected):
    report, notes = clarify_report(CSV, folder / "data.csv", predictions=folder / "results.csv")
    same(report, expected, without=("CDDL", "CDDPL"))
    assert report.metrics == PRE_TRAINING + POST_TRAINING
    assert [note.split(":")[0] for note in notes] == ["shap", "pdp", "report", "predictor.endpoint_name"]
    labelled = {**CSV, "predictor": {"endpoint_name": "your_endpoint", "label": 0}}
    same(clarify_report(labelled, folder / "data.csv", predictions=folder / "results.csv")[0], expected,
         without=("CDDL", "CDDPL"))


def test_the_json_lines_example(folder, expected):
    (folder / "analysis_config.json").write_text(json.dumps(LINES))
    report, _ = clarify_report(folder / "analysis_config.json", folder / "data.jsonl",
                               predictions=folder / "results.jsonl")
    same(report, expected)


def test_two_entries_of_one_column_are_two_facets(folder, people):
    entries = [{"name_or_index": "Occupation", "value_or_threshold": [value]} for value in (1, 3)]
    report, _ = clarify_report({**CSV, "facet": entries, "methods": {"pre_training_bias": {"methods": "all"}}},
                               folder / "data.csv")
    rows = report.frame.query("metric == 'DPL'").set_index("facet_value")["value"]
    for value in (1, 3):
        inside = people["Occupation"] == value
        assert rows[str(value)] == pytest.approx(people["Target"][~inside].mean() - people["Target"][inside].mean())
    facets = report.to_dict()["pre_training_bias_metrics"]["facets"]["Occupation"]
    assert [one["value_or_threshold"] for one in facets] == ["1", "3"]


def test_json_parquet_and_csv_without_a_header(folder, expected):
    array = {**LINES, "dataset_type": "application/json", "label": "[*].Label", "features": "[*].Features"}
    same(clarify_report(array, folder / "data.json", predictions=folder / "results.jsonl")[0], expected)
    parquet = {**LINES, "dataset_type": "application/x-parquet", "label": "Target"}
    same(clarify_report(parquet, folder / "data.parquet", predictions=folder / "results.jsonl")[0], expected)
    positions = {**LINES, "dataset_type": "text/csv", "label": 4, "group_variable": 3,
                 "facet": [{"name_or_index": 1, "value_or_threshold": [0]}]}
    same(clarify_report(positions, folder / "bare.csv", predictions=folder / "results.jsonl")[0], expected)


def test_a_callable_is_sent_what_the_template_says(folder, expected):
    results = (folder / "results.jsonl").read_text().splitlines()
    sent = []

    def predictor(lines):
        sent.extend(lines)
        return results

    report, _ = clarify_report(LINES, folder / "data.jsonl", model=predictor)
    same(report, expected)
    first = json.loads((folder / "data.jsonl").read_text().splitlines()[0])["Features"]
    assert json.loads(sent[0]) == {"Features": first} and len(sent) == 200
    clarify_report({**LINES, "excluded_columns": ["Age"]}, folder / "data.jsonl", model=predictor)
    assert json.loads(sent[200]) == {"Features": first[1:]}


def test_a_keras_model_stands_in_for_the_predictor(folder, people):
    from fairkit.quiet import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Normalization(mean=[45, .5, 5000, 1.5],
                                                                            variance=[300, .25, 5e6, 1.2]),
                              keras.layers.Dense(1, "sigmoid")])
    model.save(folder / "model.keras")
    report, _ = clarify_report({**LINES, "probability_threshold": .4}, folder / "data.jsonl",
                               model=str(folder / "model.keras"))
    scores = model.predict(people[HEADERS[:4]].to_numpy(np.float32), verbose=0)[:, 0]
    said = bias_report(people.assign(said=(scores > .4).astype(int)), "Target", 1, "Gender", 0, predictions="said",
                       group="Occupation", features=["Age", "Income", "Occupation"])
    same(report, said)


def test_predicted_labels_among_the_data(folder, expected):
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    lines = [json.loads(line) | {"Predicted": result["predicted_label"]} for line, result
             in zip((folder / "data.jsonl").read_text().splitlines(), results, strict=True)]
    (folder / "said.jsonl").write_text("\n".join(map(json.dumps, lines)))
    config = {**LINES, "headers": [*HEADERS, "Said"], "predicted_label": "Predicted"}
    del config["predictor"]
    same(clarify_report(config, folder / "said.jsonl")[0], expected)


def test_classes_by_label_headers(people):
    frame = people.assign(Target=np.array(["fish", "cat", "dog"])[np.arange(200) % 3])
    scores = np.random.default_rng(3).dirichlet([1, 1, 1], 200)
    config = {**CSV, "label_values_or_threshold": ["cat", "dog"],
              "predictor": {"label_headers": ["cat", "dog", "fish"], "probability": "probabilities"}}
    report, _ = clarify_report(config, frame, model=lambda lines: [{"probabilities": row.tolist()} for row in scores])
    said = np.array(["cat", "dog", "fish"])[scores.argmax(1)]
    same(report, bias_report(frame.assign(said=said), "Target", ["cat", "dog"], "Gender", 0, predictions="said",
                             features=["Age", "Income", "Occupation"]))
    config["predictor"] = {"label": "labels", "probability": "probabilities"}
    named, _ = clarify_report(config, frame, model=lambda lines: [
        {"labels": ["cat", "dog", "fish"], "probabilities": row.tolist()} for row in scores])
    same(named, report)


def test_thresholds_are_bare_numbers_or_said(people):
    config = {**CSV, "methods": {"pre_training_bias": {"methods": ["DPL", "CI"]}}, "label": "Income",
              "label_values_or_threshold": 5000.0, "facet": [{"name_or_index": "Age", "value_or_threshold": [40]},
                                                             {"name_or_index": "Occupation"}]}
    report, notes = clarify_report(config, people)
    above, old = people["Income"] > 5000, people["Age"] > 40
    assert report.value("DPL", facet="Age") == pytest.approx(above[~old].mean() - above[old].mean())
    assert any("facet 'Age': [40] is taken for a threshold" in note for note in notes)
    assert not any("Occupation" in note or "Income" in note for note in notes)
    assert report.frame["facet_value"].unique().tolist() == ["> 40", "0", "1", "2", "3"]
    assert report.to_dict()["pre_training_bias_metrics"]["label_value_or_threshold"] == \
        f"(5000.0, {float(people['Income'].max())}]"


@pytest.mark.parametrize(("change", "message"), [
    ({"dataset_type": "application/x-image"}, "'application/x-image' is not supported"),
    ({"methods": {"shap": {}}}, "asks for no bias metrics"),
    ({"facet": None}, "names no facet"),
    ({"label": None}, "has no label"),
    ({"facet_dataset_uri": "s3://b/k"}, "facet_dataset_uri is not supported"),
    ({"predicted_label_dataset_uri": "s3://b/k"}, "--predictions"),
    ({"methods": {"pre_training_bias": {"methods": ["DPLL"]}}}, "no bias metric 'DPLL'"),
    ({"label": "Traget"}, "label: no column 'Traget'.*'Target' .the nearest"),
    ({"facet": [{"name_or_index": 9}]}, "facet: there is no column 9"),
    ({"headers": ["one"]}, "the headers do not fit"),
    ({"predictor": {}}, "metrics after training need predictions"),
])
def test_what_is_not_supported_is_named(folder, change, message):
    with pytest.raises(FairkitError, match=message):
        clarify_report({**CSV, **change}, folder / "data.csv")


def test_a_callable_needs_a_template_for_json(folder):
    config = {**LINES, "predictor": {"label": "predicted_label", "record_templates": "x"}}
    assert any("predictor.record_templates: not supported" in note for note in parsed(config).notes)
    with pytest.raises(FairkitError, match="content_template has not one"):
        clarify_report(config, folder / "data.jsonl", model=lambda lines: lines)
    assert requests(pd.DataFrame({"a": [1], "b": ["x"]}), {}, "text/csv") == ["1,x"]


def test_paths_into_records():
    record = {"a": {"b c": [1, {"d": 2}]}}
    assert part_of(record, 'a."b c"[1].d') == 2 and part_of(record, "a.x") is None and part_of([1, 2], 1) == 2
    for path, message in (("a.*", "this JMESPath expression is not supported"), ("a[?x]", "not supported"),
                          ("a.b.c.d", "leads nowhere")):
        with pytest.raises(FairkitError, match=message):
            part_of({"a": {"b": {"c": 1}}}, path)


def test_files_that_cannot_be_read(tmp_path, folder):
    (tmp_path / "bad.jsonl").write_text('{"Features": [1, 0, 2, 3], "Label": 1}\n{"Features": \n')
    (tmp_path / "odd.jsonl").write_text('{"Features": [1, 0, 2, 3], "Label": 1}\n{"Features": [1], "Label": 1}\n')
    (tmp_path / "config.json").write_text("{")
    for data, message in (("bad.jsonl", "row 2 of .* is no JSON"), ("odd.jsonl", "record 1 has other features"),
                          ("none.jsonl", "there is no data set")):
        with pytest.raises(FairkitError, match=message):
            clarify_report(LINES, tmp_path / data, predictions=folder / "results.jsonl")
    with pytest.raises(FairkitError, match="configuration .* cannot be read"):
        clarify_report(tmp_path / "config.json", folder / "data.csv")


@pytest.mark.parametrize("header", ["age,gender,income,occupation,target", "Age, Gender, Income,Occupation , Target",
                                    "\ufeffAge,Gender,Income,Occupation,Target"])
def test_a_header_in_other_capitals_or_with_blanks_is_no_row(people, folder, tmp_path, expected, header):
    (tmp_path / "data.csv").write_text(header + "\n" + (folder / "bare.csv").read_text(), "utf-8")
    report, _ = clarify_report({**CSV, "headers": HEADERS}, tmp_path / "data.csv",
                               predictions=folder / "results.csv")
    assert report.frame[["n_a", "n_d"]].iloc[0].sum() == len(people)
    same(report, expected, without=("CDDL", "CDDPL"))


@pytest.mark.parametrize(("headers", "header"), [
    (HEADERS, "years,sex,pay,job,label"), (HEADERS, "Target,Age,Gender,Income,Occupation"),
    (["sex", "hired"], "gender,label"), (["sex", "land"], "Land,Sex")])
def test_a_header_of_other_names_is_refused(tmp_path, headers, header):
    numbers = {"sex": ["m", "f", "f"], "land": ["de", "fr", "de"], "hired": [0, 1, 1]}
    frame = pd.DataFrame({name: numbers.get(name, [1, 0, 1]) for name in headers})
    (tmp_path / "data.csv").write_text(header + "\n" + frame.to_csv(index=False, header=False))
    config = {**CSV, "headers": headers, "label": headers[-1], "facet": {"name_or_index": headers[0]}}
    with pytest.raises(FairkitError, match="first row of .* holds other names than the headers.*Received: '" +
                       header.split(",")[0]):
        clarify_report(config, tmp_path / "data.csv")


def test_a_first_row_of_data_is_no_header(tmp_path):
    config = {**CSV, "headers": ["sex", "hired", "age"], "label": "hired", "facet": {"name_or_index": "sex"},
              "methods": {"pre_training_bias": {"methods": ["CI"]}}}
    for number, first in enumerate(("m,1,unknown", "m,1,?", "m,1,")):
        (tmp_path / f"{number}.csv").write_text(first + "\nf,0,20\nm,0,30\nf,1,40\n")
        assert clarify_report(config, tmp_path / f"{number}.csv")[0].value("CI", "f") == 0


def test_the_flip_test_of_a_facet_does_not_depend_on_the_others(people, folder):
    gender, old = ({"name_or_index": "Gender", "value_or_threshold": [0]},
                   {"name_or_index": "Age", "value_or_threshold": 40})
    config = {**CSV, "excluded_columns": ["Income"], "methods": {"post_training_bias": {"methods": ["FT", "DPPL"]}}}
    both, alone = (clarify_report({**config, "facet": facets}, folder / "data.csv",
                                  predictions=folder / "results.csv")[0] for facets in ([gender, old], [gender]))
    said = np.loadtxt(folder / "results.csv", delimiter=",")[:, 0].astype(int)
    values = []
    for facet, cut, features in (("Gender", 0, ["Age", "Occupation"]), ("Age", ">40", ["Gender", "Occupation"])):
        expected = bias_report(people.assign(said=said), "Target", 1, facet, cut, predictions="said",
                               features=features, methods=["FT"])
        values.append(expected.value("FT"))
        assert both.value("FT", facet=facet) == values[-1]
    assert alone.value("FT") == values[0] and [one.facet.name for one in both.facets] == ["Gender", "Age"]
    without_age = bias_report(people.assign(said=said), "Target", 1, "Gender", 0, predictions="said",
                              features=["Occupation"], methods=["FT"])
    assert without_age.value("FT") != values[0]  # so that this test can fail


def test_a_key_that_nothing_has_is_named(folder):
    config = {**LINES, "predictor": {**LINES["predictor"], "label": "nix"}}
    with pytest.raises(FairkitError, match="no result has 'nix'. Expected: 'predicted_label', 'probability'"):
        clarify_report(config, folder / "data.jsonl", predictions=folder / "results.jsonl")
    with pytest.raises(FairkitError, match="no result has 2. Expected: a position from 0 to 1"):
        clarify_report({**CSV, "predictor": {"label": 2}}, folder / "data.csv", predictions=folder / "results.csv")
    for change, message in (({"label": "Lbl"}, r"no record has 'Lbl'. Expected: 'Label' \(the nearest\)"),
                            ({"features": "Faetures"}, "no record has 'Faetures'")):
        with pytest.raises(FairkitError, match=message):
            clarify_report({**LINES, **change}, folder / "data.jsonl", predictions=folder / "results.jsonl")


def test_a_number_that_a_column_lacks_is_no_threshold(people):
    frame = people.assign(Kind=people["Occupation"].map({0: 1.0, 1: 2.0, 2: 4.0, 3: np.nan}))
    base = {**CSV, "methods": {"pre_training_bias": {"methods": ["CI"]}}}
    for name, value, message in (
            ("Kind", [3], "facet 'Kind': the column has no value 3. Expected: one of 1, 2, 4"),
            ("Kind", [5.5], "no value 5.5"), ("Gender", 5, "facet 'Gender': the column has no value 5"),
            ("Income", [99999], "the threshold 99999 leaves nobody on one side"), ("Income", [10], "leaves nobody")):
        with pytest.raises(FairkitError, match=message):
            clarify_report({**base, "facet": {"name_or_index": name, "value_or_threshold": value}}, frame)
    with pytest.raises(FairkitError, match="label 'Target': the column has no value 2. Expected: one of 0, 1"):
        clarify_report({**base, "label_values_or_threshold": [2]}, frame)
    for name, value, text in (("Kind", [2], "2"), ("Kind", [2.5], "> 2.5"), ("Income", [5000], "> 5000")):
        report, notes = clarify_report({**base, "facet": {"name_or_index": name, "value_or_threshold": value}}, frame)
        assert report.facets[0].sides.texts == [text]
        assert any("is taken for a threshold" in note for note in notes) == (">" in text)


def test_predictions_that_are_not_used_are_noted(people, folder):
    results = folder / "results.jsonl"
    config = {**CSV, "predicted_label": "Said", "methods": {"post_training_bias": {"methods": ["DPPL"]}}}
    frame = people.assign(Said=people["Target"])
    assert not any("not used" in note for note in clarify_report(config, frame)[1])
    notes = clarify_report(config, frame, predictions=results, model="x.keras")[1]
    assert "--predictions: not used, because predicted_label names the predictions" in notes
    assert any(note.startswith("--model: not used") for note in notes)
    with pytest.raises(FairkitError, match="predictions are named twice"):
        clarify_report(CSV, people, predictions=results, model="x.keras")
    before = {**CSV, "methods": {"pre_training_bias": {"methods": ["CI"]}}}
    assert "--predictions: not used, because no metric after training is asked for" in \
        clarify_report(before, people, predictions=results)[1]
