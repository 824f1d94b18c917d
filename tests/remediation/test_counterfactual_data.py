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
    (dataset(X), dataset(X, X, X, X), r"\(Tensor, Tensor, Tensor, Tensor\)"),
    (dataset(X), dataset(X, None, X), r"\(Tensor, None, Tensor\)"),
    (dataset(X), dataset(X, X).filter(lambda x, y: x[0] > 99).batch(2), "counterfactual_data is empty.*0 of 10 elem"),
    (dataset(X), dataset(X, X).filter(lambda x, y: x[0] > 99).repeat(), "counterfactual_data is empty.*0 of 10 elem"),
    (dataset(X), dataset(X, X).filter(lambda x, y: True).batch(11, drop_remainder=True), "10 elements, fewer than a"),
    (dataset(X), dataset(X, X).batch(5).filter(lambda *_: True).map(lambda x, y: (x[:0], y[:0])), "0 examples in 2"),
    (dataset(X).take(0), dataset(X, X), "original_input is empty"),
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


def test_pairs_of_a_generator_that_is_used_up_are_refused_when_it_ends():
    used = iter([(X, X)] * 2)
    once = tf.data.Dataset.from_generator(lambda: used, output_signature=dataset(X, X).batch(10).element_spec)
    with pytest.raises(tf.errors.OpError, match="counterfactual_data ends and does not start again"):
        list(pack_counterfactual_data(dataset(X).batch(2), once))


def test_batches_without_a_pair_are_left_out():
    uneven = dataset(X, X).batch(5).map(lambda x, y: (x[x[:, 0] > 9], y[x[:, 0] > 9]))
    packed = pack_counterfactual_data(dataset(X).batch(5), uneven)
    assert [len(pairs[0]) for _, pairs in packed] == [5, 5]


def test_weights_may_be_none():
    pairs = dataset(X, X[::-1], None).batch(2)
    ours, theirs = (list(pack(dataset(X, None, None).batch(2), pairs))
                    for pack in (pack_counterfactual_data, tfmr.pack_counterfactual_data))
    assert len(ours) == len(theirs) == 5
    for one, other in zip(ours, theirs):
        np.testing.assert_array_equal(one.counterfactual_data[1], other.counterfactual_data[1])
        assert one.counterfactual_data[2] is other.counterfactual_data[2] is one.original_input[2] is None


@pytest.mark.parametrize("rest", [(None, None), (None, np.arange(6.0)), (np.arange(6), None), (None,)])
@pytest.mark.parametrize("batched", [False, True])
def test_pairs_are_built_of_texts_whose_labels_and_weights_are_none(rest, batched):
    texts = dataset(TEXTS, *rest)
    made = build_counterfactual_data(texts.batch(4) if batched else texts, ["bad", "worse"])
    found = plain(made.unbatch() if batched else made)
    assert found == plain(tfmr.build_counterfactual_data(dataset(TEXTS).filter(lambda x: x != "badly"),
                                                         ["bad", "worse"]))


ROWS = np.array([["a bad day", "bad"], ["bad", "good"], ["good", "good"], ["so bad", "too bad"], ["bad", "badly"]],
                object)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_of_rows_with_several_texts_those_are_kept_that_tfmr_keeps_of_single_rows(size):
    expected = list(tfmr.build_counterfactual_data(dataset(ROWS).batch(1), ["bad"]))
    made = list(build_counterfactual_data(dataset(ROWS, None, np.ones(5)).batch(size), ["bad"]))
    for part in (0, 1):
        np.testing.assert_array_equal(np.concatenate([batch[part] for batch in made]),
                                      np.concatenate([batch[part] for batch in expected]))
    assert np.concatenate([weights for *_, weights in made]).tolist() == [1.0, 1.0]
    assert made[0][0].numpy().tolist()[0] == [b"a bad day", b"bad"]


def test_a_column_of_texts_trains_a_model_that_takes_columns():
    made = list(build_counterfactual_data(dataset(TEXTS[:, None]).batch(4), ["bad", "worse"]))
    assert [x.shape.as_list() for x, *_ in made] == [[3, 1]]
    named = build_counterfactual_data(dataset({"text": TEXTS[:, None]}).batch(4), ["bad", "worse"])
    assert plain(named) == [({"text": x}, {"text": y}, w) for x, y, w in plain(made)]
