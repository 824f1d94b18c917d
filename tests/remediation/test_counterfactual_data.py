"""Packing and building the data of counterfactual logit pairing."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_model_remediation.counterfactual.keras import utils as tfmr

from fairkit import FairkitError
from fairkit.remediation.counterfactual_data import build_counterfactual_data, pack_counterfactual_data

X = np.arange(20, dtype=np.float32).reshape(10, 2)


def dataset(*columns):
    return tf.data.Dataset.from_tensor_slices(columns if len(columns) > 1 else columns[0])


def plain(elements):
    return [tf.nest.map_structure(lambda part: np.asarray(part).tolist(), element) for element in elements]


@pytest.mark.parametrize("weights", [(), (np.arange(5, dtype=np.float32),)])
def test_packing_is_tfmrs(weights):
    main, pairs = dataset(X, X[:, 0]).batch(2), dataset(X[:5], X[5:], *weights).batch(2)
    ours, theirs = (pack(main, pairs) for pack in (pack_counterfactual_data, tfmr.pack_counterfactual_data))
    assert plain(ours) == plain(theirs) and ours.element_spec == theirs.element_spec
    assert len(ours) == 5


def test_an_epoch_is_one_of_the_main_data():
    endless = dataset(X, X).batch(2).repeat()
    assert len(list(pack_counterfactual_data(dataset(X).batch(3), endless))) == 4
    unknown = dataset(X).filter(lambda x: x[0] > 3).batch(2)
    assert len(list(pack_counterfactual_data(unknown, endless))) == 4


@pytest.mark.parametrize("main, pairs, match", [
    (X, dataset(X, X), "original_input is no data set"), (dataset(X), X, "counterfactual_data is no data set"),
    (dataset(X), dataset(X), "no pairs"), (dataset(X), dataset(X, X).take(0), "counterfactual_data is empty"),
    (dataset(X), dataset(X, X, X, X), "tuples of 4"),
])
def test_what_cannot_be_packed_is_refused(main, pairs, match):
    with pytest.raises(FairkitError, match=match):
        pack_counterfactual_data(main, pairs)


TEXTS = np.array(["a bad day", "good", "bad", "BAD", "worse and bad", "badly"], object)


def test_rows_with_a_term_are_kept_of_batches_and_of_single_texts():
    single = plain(build_counterfactual_data(dataset(TEXTS), ["bad", "worse"]))
    assert single == [(b"a bad day", b"a  day", 1.0), (b"bad", b"", 1.0), (b"worse and bad", b" and ", 1.0)]
    labelled = dataset(TEXTS, np.arange(6), np.ones(6)).batch(2)
    batched = list(build_counterfactual_data(labelled, ["bad", "worse"]))
    assert [len(weights) for *_, weights in batched] == [2, 1]
    assert plain(build_counterfactual_data(labelled, ["bad", "worse"]).unbatch()) == single


def test_a_term_is_no_pattern():
    texts = dataset(np.array(["c++ or c", "a.b", "axb"], object))
    assert plain(build_counterfactual_data(texts, ["a.b"])) == [(b"a.b", b"", 1.0)]


def test_a_function_of_the_users_own():
    def negated(element):
        x, y = element
        return x, -x, tf.ones_like(y)

    made = plain(build_counterfactual_data(dataset(X, X[:, 0]), custom_counterfactual_function=negated))
    assert made[1] == ([2.0, 3.0], [-2.0, -3.0], 1.0) and len(made) == 10
    shouted = build_counterfactual_data(dataset(TEXTS), ["bad"], lambda x: (x, tf.strings.upper(x)))
    assert plain(shouted)[0] == (b"a bad day", b"A BAD DAY") and len(list(shouted)) == 3


@pytest.mark.parametrize("arguments, match", [
    ((dataset(TEXTS),), "neither"), ((TEXTS, ["bad"]), "no data set"), ((dataset(X), ["bad"]), "float32"),
    ((dataset(TEXTS), "bad"), "no list of words"), ((dataset(TEXTS), None, 3), "no function"),
])
def test_what_cannot_be_built_is_refused(arguments, match):
    with pytest.raises(FairkitError, match=match):
        build_counterfactual_data(*arguments)
