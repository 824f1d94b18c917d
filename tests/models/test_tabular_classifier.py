"""tabular_classifier: what it learns from a table, and the whole chain from a frame to a remediated model on disk."""

import keras
import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit import Examples, FairkitError, models
from fairkit.tables import table_columns


def census_like(n=1200, seed=0):
    """A frame like the census: income goes with age, hours, education and gender; some cells are missing."""
    rng = np.random.default_rng(seed)
    gender = rng.choice(["Male", "Female"], n, p=[0.67, 0.33])
    frame = pd.DataFrame({
        "age": rng.integers(17, 90, n).astype(float), "hours-per-week": rng.integers(10, 80, n),
        "education": rng.choice(["HS-grad", "Bachelors", "Masters"], n, p=[0.6, 0.3, 0.1]),
        "capital gain": np.where(rng.uniform(size=n) < 0.1, rng.lognormal(8, 1, n), 0.0), "area": rng.integers(1, 9, n),
        "gender": gender})
    signal = (frame["age"] - 45) / 20 + (frame["hours-per-week"] - 45) / 20 + 1.5 * (frame["education"] == "Masters") \
        + 1.2 * (gender == "Male") + (frame["area"] % 2) - 1.2
    label = (rng.uniform(size=n) < 1 / (1 + np.exp(-1.5 * signal))).astype(int)
    frame.loc[rng.uniform(size=n) < 0.1, "age"] = np.nan
    frame["education"] = frame["education"].mask(rng.uniform(size=n) < 0.05)
    return Examples(labels=label, groups={"gender": gender}, inputs=table_columns(frame), missing_inputs="keep")


def scores(model, inputs):
    n = len(next(iter(inputs.values())))
    examples = Examples(labels=np.zeros(n, int), groups={}, inputs=inputs, missing_inputs="keep")
    return fairkit.predict(model, examples).scores


def trained(train, **options):
    model = models.tabular_classifier(train.inputs, seed=1, **options)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    model.fit(train.batches(64), epochs=4, verbose=0, shuffle=False)
    return model


@pytest.fixture(scope="module")
def census():
    train, test = census_like().split(0.7, seed=0)
    return train, test, trained(train, categorical="area")


def test_it_learns_from_numbers_and_categories(census):
    _, test, model = census
    evaluation = fairkit.evaluate(model, test, slices=["gender"], thresholds=[0.5])
    assert evaluation.value("auc") > 0.78
    found = fairkit.analysis.feature_importance(model, test, "auc", repeats=2).frame.set_index("feature")
    assert (found.loc[["age", "hours-per-week", "gender"], "lower"] > 0).all()
    assert abs(found["importance"]["capital gain"]) < 0.05
    for kind in ("roc", "precision_recall", "confusion", "rates"):
        assert evaluation.plot(kind).frame["slice"].str.contains("gender").any()


def test_a_table_is_remediated_saved_and_loaded(census, tmp_path):
    train, test, model = census
    fixed = fairkit.remediate(model, train, sensitive={"gender": "Male"}, nonsensitive={"gender": "Female"},
                              error_rate="false_positive_rate", loss="mmd", loss_weight=4.0, epochs=4)
    gaps = [abs(fairkit.evaluate(each, test, ["gender"], [0.5]).gaps("false_positive_rate", reference={
        "gender": "Female"})["gap"].iloc[0]) for each in (model, fixed.model)]
    assert gaps[1] < gaps[0]
    models.save(fixed.model, tmp_path / "model.keras")
    for loaded in (models.load(tmp_path / "model.keras"), keras.models.load_model(tmp_path / "model.keras")):
        np.testing.assert_array_equal(scores(loaded, test.inputs), scores(fixed.model, test.inputs))


def test_what_was_learnt_from_the_table_is_carried_over_and_the_weights_are_not(census):
    _, test, model = census
    fresh = models.rebuild(model, seed=5)
    assert not np.array_equal(scores(fresh, test.inputs), scores(model, test.inputs))
    fresh.set_weights(model.get_weights())
    np.testing.assert_array_equal(scores(fresh, test.inputs), scores(model, test.inputs))
    again = models.rebuild(model, seed=5)
    np.testing.assert_array_equal(scores(again, test.inputs), scores(models.rebuild(model, seed=5), test.inputs))


def test_numbers_are_normalized_by_the_table_and_missing_ones_are_the_mean():
    table = {"x": np.array([1.0, 3, np.nan, 8]), "y": np.array([1, 2, 3, 4]), "same": np.full(4, 7)}
    model = models.tabular_classifier(table, seed=0, hidden=())
    inner = keras.Model(model.input, model.layers[-1].input)
    made = np.asarray(inner({name: np.asarray(part, np.float32) for name, part in table.items()}))
    x = (np.array([1, 3, 4, 8]) - 4) / np.std([1, 3, 8])
    y = (np.array([1, 2, 3, 4]) - 2.5) / np.std([1, 2, 3, 4])
    np.testing.assert_allclose(made, np.stack([x, y, np.zeros(4), [0, 0, 1, 0]], axis=1), atol=1e-6)


def test_a_missing_number_where_the_table_has_none_is_the_mean():
    model = models.tabular_classifier({"x": np.array([1.0, 3.0])}, seed=0)
    missing, mean = scores(model, {"x": np.array([np.nan, 2.0])})
    assert missing == mean


def test_values_that_the_table_does_not_have_share_a_vector_and_missing_ones_have_theirs():
    table = {"job": np.array(["cook", "judge", "", "cook"], object), "area": np.array([3.0, 4, np.nan, 3])}
    model = models.tabular_classifier(table, seed=0, categorical=["area"])
    other = {"job": np.array(["pope", "clown", "cook", "", "cook", "cook"], object),
             "area": np.array([3, 3, 9, 3, np.nan, 77.0])}
    made = scores(model, other)
    assert made[0] == made[1] and made[2] == made[5] and len(set(np.round(made, 7))) == 4


def test_only_the_most_frequent_values_are_told_apart():
    table = {"job": np.array(list("aaabbcd"), object), "n": np.array([5.0, 5, 6, 6, np.nan, 7, 8])}
    model = models.tabular_classifier(table, categorical=["n"], most_values=2)
    words = {type(layer).__name__: layer.get_vocabulary() for layer in model.layers if "Lookup" in type(layer).__name__}
    assert words == {"StringLookup": ["[UNK]", "a", "b"], "IntegerLookup": [-2, 5, -1]}   # the unknown, 5, the missing


def test_values_that_keras_reserves_are_values_like_others():
    table = {"area": np.array([-1.0, 3, np.nan, 3]), "job": np.array(["[UNK]", "a", "", "[[UNK]]"], object)}
    model = models.tabular_classifier(table, seed=0, categorical=["area"])
    asked = {"area": np.array([-1, 3, np.nan, 99, 3, 3, 3]), "job": np.array([*"aaaa", "[UNK]", "x", ""], object)}
    made = scores(model, asked)
    assert len(set(np.round(made, 7))) == 7
    fresh = models.rebuild(model, seed=1)
    fresh.set_weights(model.get_weights())
    np.testing.assert_array_equal(scores(fresh, asked), made)


def test_several_classes_and_a_frame():
    frame = pd.DataFrame({"x": [1.0, None, 3.0], "ok": [True, False, True], "kind": ["a", None, "b"]}, index=[4, 4, 1])
    model = models.tabular_classifier(frame, seed=3, classes=3)
    made = scores(model, table_columns(frame))
    assert made.shape == (3, 3) and np.allclose(made.sum(axis=1), 1)
    np.testing.assert_array_equal(made, scores(models.tabular_classifier(frame, seed=3, classes=3),
                                               table_columns(frame)))


@pytest.mark.parametrize("inputs, options, says", [
    (np.eye(3), {}, "this is no table"), ({}, {}, "this is no table"), ({"a/b": [1.0]}, {}, "without /"),
    ({"x": [1.0]}, {"categorical": ["y"]}, "no column 'y'"), ({"x": [1.5]}, {"categorical": ["x"]}, "no codes"),
    ({"x": [np.nan]}, {}, "holds nothing"), ({"x": [np.inf]}, {}, "not finite"), ({"x": np.eye(2)}, {}, "shape (2, 2)"),
    ({"x": np.array(["a", None], object)}, {}, "something else than texts"),
    ({"x": [1]}, {"most_values": 0}, "most_values is no number of values"),
    ({"x": np.array([], object)}, {}, "holds nothing"), ({"x": np.array(["2020"], "M8[Y]")}, {}, "neither numbers nor"),
])
def test_what_is_no_table_is_refused(inputs, options, says):
    with pytest.raises(FairkitError) as error:
        models.tabular_classifier(inputs, **options)
    assert says in str(error.value)
