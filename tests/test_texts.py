"""Texts over an Arrow column, against a list."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit.texts import Texts

CHUNKS = st.lists(st.lists(st.text(max_size=5), max_size=5), min_size=1, max_size=5)


def made(chunks):
    return Texts(pa.chunked_array(chunks, pa.string())), [text for chunk in chunks for text in chunk]


@given(chunks=CHUNKS, data=st.data())
def test_it_is_indexed_like_a_list(chunks, data):
    texts, plain = made(chunks)
    assert len(texts) == len(plain) and list(texts) == texts.tolist() == plain
    assert np.asarray(texts).tolist() == plain and np.asarray(texts).dtype == object and texts.shape == (len(plain),)
    part = data.draw(st.slices(len(plain)))
    assert texts[part].tolist() == plain[part]
    index = data.draw(st.lists(st.integers(-len(plain), len(plain) - 1))) if plain else []
    assert texts[index].tolist() == [plain[i] for i in index]
    assert texts[np.array(index, np.int32)].tolist() == [plain[i] for i in index]
    assert all(texts[i] == plain[i] for i in index)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(plain), max_size=len(plain))), bool)
    assert texts[mask].tolist() == [text for text, kept in zip(plain, mask) if kept]


def test_many_positions_over_many_chunks():
    texts, plain = made([[f"{i} {j}" for j in range(1000)] for i in range(300)])
    index = np.random.default_rng(0).integers(0, len(plain), len(plain))
    assert texts[index].tolist() == [plain[i] for i in index]


def test_what_is_no_position_or_no_text():
    texts, _ = made([["a"], ["b"]])
    for bad in (5, [2], [-3], np.array([True])):
        with pytest.raises(IndexError):
            texts[bad]
    for column in (pa.array([1]), pa.array(["a", None]), ["a"]):
        with pytest.raises(fairkit.FairkitError, match="text"):
            Texts(column)
    assert repr(Texts(pa.array(["x" * 50]))) == f"Texts(1: '{'x' * 39}…')"


def test_examples_of_texts_are_trained_on_and_predicted():
    texts, plain = made([["you are kind", "a fool"], ["so kind", "what a fool"] * 20])
    lazy = fairkit.Examples(inputs=texts, labels=[0, 1] * 21, groups={})
    plain = fairkit.Examples(inputs=plain, labels=[0, 1] * 21, groups={})
    model = fairkit.models.toxicity_classifier(texts, seed=1)
    one, other = fairkit.predict(model, lazy), fairkit.predict(model, plain)
    np.testing.assert_array_equal(one.scores, other.scores)
    batch = next(iter(lazy.take([3, 0]).batches(2, shuffle=False)))
    assert [text.decode() for text in batch[0].numpy()] == ["what a fool", "you are kind"]
