"""`fairkit bias`, as it is called."""

import json

import numpy as np
import pandas as pd
import pytest

from fairkit.bias import bias_report
from fairkit.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bias")
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"stars": rng.integers(1, 6, 300), "category": rng.choice(["toys", "tools", "books"], 300),
                          "land": rng.choice(["de", "fr"], 300), "price": rng.random(300) * 90, "w": rng.random(300)})
    frame["guess"] = np.where(rng.random(300) < .7, frame["stars"], 3)
    frame["score"] = rng.random(300)
    frame.to_csv(folder / "reviews.csv", index=False)
    frame.to_parquet(folder / "reviews.parquet")
    frame.to_json(folder / "reviews.jsonl", orient="records", lines=True)
    return folder


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["bias", *map(str, arguments)])
    return ended.value.code


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.parquet", "reviews.jsonl"])
def test_a_file_by_its_columns(folder, capsys, name):
    assert run(folder / name, "--label", "stars", "--positive", 4, 5, "--facet", "category", "--group", "land",
               "--predictions", "guess", "--weight", "w", "--features", "price", "--table", folder / "rows.csv",
               "-o", folder / "analysis.json") == 0
    shown = capsys.readouterr().out
    assert "category: toys (d, " in shown and "\nDPPL " in shown
    frame = pd.read_parquet(folder / "reviews.parquet")
    expected = bias_report(frame, "stars", [4, 5], "category", predictions="guess", group="land", weights="w",
                           features=["price"])
    rows = pd.read_csv(folder / "rows.csv")
    np.testing.assert_allclose(rows["value"], expected.frame["value"])
    found = json.loads((folder / "analysis.json").read_text())
    assert [one["value_or_threshold"] for one in found["post_training_bias_metrics"]["facets"]["category"]] == \
        ["books", "tools", "toys"]


def test_thresholds_crosses_and_values(folder, capsys):
    assert run(folder / "reviews.csv", "--label", "stars", "--positive", ">3", "--facet", "category,land",
               "--facet-values", "toys", "*", "--predictions", "score", "--thresholds", .3, .5, "--methods", "AD") == 0
    shown = capsys.readouterr().out
    assert "category,land: toys,de" in shown and "scores above 0.5" in shown and "tools" not in shown
    assert run(folder / "reviews.csv", "--label", "stars", "--positive", 5, "--facet", "price", "--facet-values", ">40",
               "--methods", "pre_training") == 0
    assert "price: > 40 (d, " in capsys.readouterr().out


def test_a_softmax_model(folder, capsys):
    from fairkit.quiet import keras

    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(5, "softmax")])
    model.save(folder / "stars.keras")
    assert run(folder / "reviews.csv", "--label", "stars", "--positive", 4, 5, "--facet", "land", "--facet-values",
               "de", "--model", folder / "stars.keras", "--features", "price", "score", "--classes", 1, 2, 3, 4, 5,
               "--methods", "DPPL", "AD", "--table", folder / "model.csv") == 0
    assert "land: de (d, " in capsys.readouterr().out
    frame = pd.read_parquet(folder / "reviews.parquet")
    said = model.predict(frame[["price", "score"]].to_numpy(np.float32), verbose=0).argmax(1) + 1
    expected = bias_report(frame.assign(said=said), "stars", [4, 5], "land", "de", predictions="said",
                           methods=["DPPL", "AD"])
    np.testing.assert_allclose(pd.read_csv(folder / "model.csv")["value"], expected.frame["value"])


def test_a_configuration(folder, capsys):
    (folder / "analysis_config.json").write_text(json.dumps({
        "dataset_type": "text/csv", "label": "stars", "label_values_or_threshold": [4, 5],
        "facet": [{"name_or_index": "category", "value_or_threshold": ["toys"]}], "predicted_label": "guess",
        "methods": {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": ["DPPL", "DCAcc"]},
                    "shap": {}}}))
    assert run("--config", folder / "analysis_config.json", "--data", folder / "reviews.csv") == 0
    told = capsys.readouterr()
    assert "category: toys (d, " in told.out and "\nDCA " in told.out and "\nDI " not in told.out
    assert "shap: SHAP values are not part of a bias report" in told.err


@pytest.mark.parametrize(("arguments", "message"), [
    (["reviews.csv", "--facet", "land"], "no label is named. Expected: --label COLUMN"),
    (["reviews.csv", "--label", "star", "--facet", "land"], "no column 'star'"),
    (["--label", "stars", "--facet", "land"], "one file is judged"),
    (["none.csv", "--label", "stars", "--facet", "land"], "none.csv"),
    (["reviews.csv", "--label", "stars", "--positive", "7", "--facet", "land"], "has no value '7'"),
    (["--config", "analysis_config.json", "--label", "stars"], "--config says what is judged"),
    (["--config", "analysis_config.json"], "--data DATA"),
    (["reviews.csv", "--label", "stars", "--facet", "land", "--thresholds", ".3"], "--thresholds are of scores"),
    (["reviews.csv", "--label", "stars", "--facet", "land", "--predictions", "score"], "--thresholds for scores"),
    (["reviews.csv", "--label", "stars", "--facet", "land", "--methods", "DPPL"], "Expected: --predictions. Received"),
    (["reviews.csv", "--label", "stars", "--facet", "land,sex"], "no column 'sex'"),
])
def test_bad_input_is_one_line(folder, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(folder)
    assert run(*arguments) == 2
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1


def test_texts_of_a_csv_file_are_features_of_the_flip_test(folder, capsys):
    assert run(folder / "reviews.csv", "--label", "stars", "--positive", 4, 5, "--facet", "category", "--facet-values",
               "toys", "--predictions", "guess", "--methods", "FT", "--features", "price", "land", "--table",
               folder / "flips.csv") == 0
    assert "b'" not in capsys.readouterr().out
    frame = pd.read_parquet(folder / "reviews.parquet")
    expected = bias_report(frame, "stars", [4, 5], "category", "toys", predictions="guess", methods=["FT"],
                           features=["price", "land"])
    assert pd.read_csv(folder / "flips.csv")["value"].tolist() == pytest.approx([expected.value("FT")])
    assert run(folder / "reviews.csv", "--label", "stars", "--facet", "category", "--weight", "land") == 2
    told = capsys.readouterr().err
    assert "b'" not in told and ("'de'" in told or "'fr'" in told)


def test_empty_cells_and_other_encodings(folder, tmp_path, capsys):
    (tmp_path / "latin.csv").write_bytes("hired,land\n1,Österreich\n0,Österreich\n1,\n0,fr\n1,fr\n".encode("latin-1"))
    assert run(tmp_path / "latin.csv", "--label", "hired", "--facet", "land") == 2
    told = capsys.readouterr().err
    assert "'land'" in told and "encoding" in told and told.count("\n") == 1
    assert run(tmp_path / "latin.csv", "--label", "hired", "--facet", "land", "--encoding", "latin-1", "--table",
               tmp_path / "rows.csv", "--methods", "CI") == 0
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert rows["facet_value"].tolist() == ["fr", "Österreich"] and rows["n_d"].tolist() == [2, 2]


def test_a_column_with_a_comma_in_its_name(folder, tmp_path, capsys):
    frame = pd.read_parquet(folder / "reviews.parquet").rename(columns={"land": "City, State"})
    frame.to_csv(tmp_path / "comma.csv", index=False)
    assert run(tmp_path / "comma.csv", "--label", "stars", "--positive", 5, "--facet", "City, State", "--facet-values",
               "de", "--methods", "CI", "--table", tmp_path / "rows.csv") == 0
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert rows["facet"].tolist() == ["City, State"] and rows["n_d"].tolist() == [(frame["City, State"] == "de").sum()]


def test_predictions_beside_a_configuration_that_has_them_are_noted(folder, capsys):
    (folder / "own.json").write_text(json.dumps({
        "dataset_type": "text/csv", "label": "stars", "label_values_or_threshold": [4, 5], "predicted_label": "guess",
        "facet": [{"name_or_index": "land", "value_or_threshold": ["de"]}],
        "methods": {"post_training_bias": {"methods": ["DPPL"]}}}))
    assert run("--config", folder / "own.json", "--data", folder / "reviews.csv", "--predictions", "other.csv") == 0
    assert "--predictions: not used" in capsys.readouterr().err
