"""What stands out in inputs: the same for texts in Python and in Arrow, and numbers that are none."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairkit.analysis.input_checks import input_findings
from fairkit.texts import Texts

ROWS = st.lists(st.tuples(st.sampled_from(["", " ", "a", "b", "c", "d"]), st.integers(0, 2)), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(rows=ROWS, cut=st.integers(0, 30))
def test_texts(rows, cut):
    texts, labels = ([row[k] for row in rows] for k in (0, 1))
    frame = pd.DataFrame({"text": texts, "label": labels})
    full = frame[frame["text"].str.strip() != ""]
    classes = full.groupby("text")["label"].transform("nunique")
    expected = {"empty texts": len(frame) - len(full),
                "texts that occur more than once": int(full["text"].duplicated(keep=False).sum()),
                "texts that occur with different labels": int((classes > 1).sum())}
    expected = {what: n for what, n in expected.items() if n}
    column = pa.chunked_array([texts[:cut], texts[cut:]], pa.string())
    labels = np.array(labels)
    assert input_findings(np.array(texts, object), labels) == expected
    assert input_findings(np.array(texts), labels) == expected
    assert input_findings(Texts(column), labels) == expected
    assert input_findings({"body": Texts(column)}, labels) == {f"body: {what}": n for what, n in expected.items()}


@pytest.mark.parametrize("inputs, expected", [
    (np.array([[1.0, np.nan], [np.inf, np.nan], [0, 0]]), {"not finite": 2}),
    (np.ones((3, 2, 2), np.float32), {}),
    (np.zeros((3, 28, 28), np.uint8), {}),
    (None, {}),
    ({"age": np.array([1.0, np.nan, 2.0]), "text": np.array(["a", "b", "c"])}, {"age: not finite": 1}),
    ([b"unread"] * 3, {}),
])
def test_numbers_and_others(inputs, expected):
    assert input_findings(inputs, np.array([0, 1, 0])) == expected


def test_values_of_a_category_are_no_repeated_texts():
    labels = np.arange(600) % 2
    assert input_findings({"city": np.array(["Bonn", "Köln", ""] * 200, object)}, labels) == {"city: empty texts": 200}
    texts = [f"text {i}" for i in range(590)] + ["again"] * 10
    assert input_findings(np.array(texts, object), labels)["texts that occur more than once"] == 10
