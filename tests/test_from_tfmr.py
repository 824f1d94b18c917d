"""The code of docs/from_tfmr.md runs as written, one block after the other."""

import re
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

DOC = (Path(__file__).parents[1] / "docs" / "from_tfmr.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)
N = 400


def comments(rng):
    """A frame with the columns and the kinds of values of the tutorials' downloads."""
    who = rng.choice(["he is kind", "she is kind", "a man spoke", "the woman left", "it rains"], N)
    return pd.DataFrame({"comment_text": [f"{text} {k}" for k, text in enumerate(who)],
                         "toxicity": (np.arange(N) % 2).astype(float),
                         "religion": rng.choice(["['jewish']", "['muslim']", "['christian']", "[]"], N)})


def text_model():
    words = keras.layers.TextVectorization(max_tokens=50, output_sequence_length=6)
    words.adapt(["he she is kind a man spoke the woman left it rains"])
    return keras.Sequential([keras.Input((), dtype="string"), words, keras.layers.Embedding(50, 4),
                             keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1, activation="sigmoid")])


def income_model(model_class=keras.Model):
    age, sex = keras.Input((1,), name="age"), keras.Input((1,), name="sex")
    score = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Concatenate()([age, sex]))
    return model_class({"age": age, "sex": sex}, score)


def texts(frame):
    return tf.data.Dataset.from_tensor_slices((frame["comment_text"].values, frame[["toxicity"]].values))


def incomes(rng, keep=None):
    rows = {"age": rng.random((N, 1)), "sex": rng.integers(0, 2, (N, 1)) * 1.0}
    made = tf.data.Dataset.from_tensor_slices((rows, rng.integers(0, 2, (N, 1)) * 1.0))
    return (made if keep is None else made.filter(lambda x, y: x["sex"][0] == keep and y[0] == 1.0)).batch(8)


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("tfmr")
    keras.utils.set_random_seed(0)
    train, validate = comments(rng), comments(rng)
    negative = train[train["toxicity"] == 0]
    found = {
        "data_train": train, "data_validate": validate, "create_keras_sequential_model": text_model,
        "baseline_model": text_model(), "min_diff_weight": 1.5, "counterfactual_weight": 1.0, "BATCH_SIZE": 16,
        "min_diff_model_location": folder / "min_diff", "counterfactual_model_location": folder / "counterfactual",
        "dataset_train_main": texts(train).batch(16), "dataset_main": texts(train),
        "dataset_train_sensitive": texts(negative[negative["religion"].str.contains("jewish|muslim")]).batch(16),
        "dataset_train_nonsensitive": texts(negative[negative["religion"] == "['christian']"]).batch(16),
        "original_train_ds": incomes(rng), "min_diff_female_ds": incomes(rng, 1.0), "get_uci_model": income_model,
        "min_diff_male_ds": incomes(rng, 0.0), "sensitive_terms_to_remove": ["he", "she", "man", "woman"],
    }
    found["baseline_model"].compile("adam", "binary_crossentropy")
    for block in BLOCKS:
        exec(block, found)
    return found


def test_a_page_for_each_tutorial_and_guide_of_tfmr():
    guides = ("min_diff_keras", "min_diff_data_preparation", "integrating_min_diff_with_min_diff_model",
              "integrating_min_diff_without_min_diff_model", "customizing_min_diff_model", "counterfactual_keras",
              "creating_a_custom_counterfactual_dataset")
    assert [guide for guide in guides if f"({guide})\n" not in DOC] == []


def test_the_names_are_there():
    from fairkit import remediation

    table = DOC.split("## The names")[1].split("```")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if "|" in row]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) > 12 and {name for name in named if not hasattr(remediation, name)} <= {"input_utils"}


def test_what_the_page_says_comes_out(names):
    for place in ("min_diff_model_location", "counterfactual_model_location"):
        assert (names[place] / "saved_model.pb").is_file()
    assert "min_diff_loss" in names["with_penalty"] and "min_diff_loss" not in names["without"]
    assert names["predictions"].shape == (N, 1)
    assert {"removed_counterfactual_loss", "swapped_counterfactual_loss"} <= set(names["history"])
    original, changed, weight = next(iter(names["removed"]))
    assert (original.numpy(), changed.numpy(), float(weight)) == (
        b"He is a doctor and she is a nurse", b" is a doctor and  is a nurse", 1.0)
    original, changed, weight = next(iter(names["replaced"]))
    assert changed.numpy() == b"She is a doctor and she is a nurse" and weight is None
    assert len(names["reweighting"].history) == 3
    assert names["comparison"].threshold_pairs
