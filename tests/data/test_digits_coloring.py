"""Colours and attributes of any grey images, against loops over single pixels and single examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import fairkit
from fairkit.data.digits import COLORS, DIGIT_ATTRIBUTES, FASHION_ATTRIBUTES, colored_images

BLACK = np.zeros((6, 3, 3), np.uint8)


def colors_of(examples):
    return np.array(examples.groups["color"].to_list())


@given(images=arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, max_side=7)), seed=st.integers(0, 2**40),
       dtype=st.sampled_from([np.uint8, np.float16, np.float32, np.float64]), channel=st.booleans(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_against_a_loop_over_pixels(images, seed, dtype, channel, data):
    labels = data.draw(st.lists(st.integers(0, 12), min_size=len(images), max_size=len(images)))
    orange = data.draw(st.one_of(st.floats(0, 1), st.dictionaries(st.sampled_from(labels), st.floats(0, 1))))
    grey = images if dtype == np.uint8 else images.astype(dtype) / dtype(255)
    examples = colored_images(grey[..., None] if channel else grey, labels, orange=orange, seed=seed)
    drawn = np.random.default_rng([seed, 4]).random(len(images))
    for i, label in enumerate(labels):
        chance = orange.get(label, 0.2) if isinstance(orange, dict) else orange
        name = "orange" if drawn[i] < chance else "blue"
        assert colors_of(examples)[i] == name
        for place in np.ndindex(images.shape[1:]):
            assert tuple(examples.inputs[(i, *place)]) == (COLORS[name] if images[(i, *place)] >= 128 else (0, 0, 0))
    assert examples.inputs.dtype == np.uint8 and examples.labels.tolist() == labels


@given(labels=st.lists(st.integers(0, 5), min_size=1, max_size=200), seed=st.integers(0, 99),
       shares=st.one_of(st.floats(0, 1), st.dictionaries(st.integers(0, 5), st.floats(0, 1))))
@settings(max_examples=60, deadline=None)
def test_an_exact_share_is_within_one_of_each_label_and_of_all(labels, seed, shares):
    labels = np.array(labels)
    shares = {k: v for k, v in shares.items() if k in labels} if isinstance(shares, dict) else shares
    is_orange = colors_of(colored_images(np.zeros((len(labels), 1, 1), np.uint8), labels, orange=shares, seed=seed,
                                         exact=True)) == "orange"
    wanted = {label: (shares.get(label, 0.2) if isinstance(shares, dict) else shares) * (labels == label).sum()
              for label in set(labels.tolist())}
    for label, expected in wanted.items():
        assert abs(is_orange[labels == label].sum() - expected) < 1 + 1e-5
    assert abs(is_orange.sum() - sum(wanted.values())) < 1 + 1e-5


def test_an_exact_share_falls_on_random_images():
    chosen = np.mean([colors_of(colored_images(BLACK, [0] * 6, orange=0.5, seed=seed, exact=True)) == "orange"
                      for seed in range(300)], axis=0)
    assert chosen.min() > 0.35 and chosen.max() < 0.65


def test_attributes_follow_from_labels():
    examples = colored_images(BLACK, [3, 1, 3, 0, 2, 1], ids=list("abcdef"),
                              attributes={"kind": {3: "boot", 1: "bag"}, "sizes": {0: [38, 39], 2: None}})
    assert examples.groups["kind"].to_list() == ["boot", "bag", "boot", None, None, "bag"]
    assert examples.groups["sizes"].to_list() == [None, None, None, (38, 39), None, None]
    assert list(examples.groups) == ["kind", "sizes", "color"] and examples.ids.tolist() == list("abcdef")


def test_the_attributes_of_the_workshop_digit_by_digit():
    table = """0 even small  curvy
               1 odd  small  linear
               2 even small  neutral
               3 odd  small  curvy
               4 even medium linear
               5 odd  medium neutral
               6 even medium neutral
               7 odd  large  linear
               8 even large  curvy
               9 odd  large  neutral"""
    for line in table.splitlines():
        digit, *values = line.split()
        assert [DIGIT_ATTRIBUTES[name][int(digit)] for name in ("parity", "magnitude", "curviness")] == values
        assert DIGIT_ATTRIBUTES["digit"][int(digit)] == int(digit)


def test_fashion_has_ten_items_of_three_kinds():
    assert len(set(FASHION_ATTRIBUTES["item"].values())) == 10
    kinds = FASHION_ATTRIBUTES["kind"]
    assert {FASHION_ATTRIBUTES["item"][label] for label in range(10) if kinds[label] == "shoes"} == \
        {"sandal", "sneaker", "ankle boot"}
    assert [label for label in range(10) if kinds[label] == "bag"] == [8]


@pytest.mark.parametrize(("arguments", "message"), [
    ({"images": np.zeros((6, 9), np.uint8)}, r"images do not fit.*\(6, 9\)"),
    ({"images": np.zeros((6, 3, 3, 3), np.uint8)}, r"grey images.*\(6, 3, 3, 3\)"),
    ({"images": np.zeros((6, 3, 3), np.int64)}, "int64"),
    ({"images": np.zeros((0, 3, 3), np.uint8), "labels": []}, r"\(0, 3, 3\)"),
    ({"images": np.full((6, 3, 3), 2.0)}, r"outside \[0, 1\].*2"),
    ({"images": np.full((6, 3, 3), np.nan)}, "nan"),
    ({"labels": [0] * 5}, r"labels do not fit.*6 whole numbers.*\(5,\)"),
    ({"labels": [0.5] * 6}, "float64"),
    ({"labels": [-1] * 6}, "class id.*-1"),
    ({"labels": [10**9] * 6}, "class id.*1000000000"),
    ({"orange": 1.5}, "orange is no probability.*1.5"),
    ({"orange": {7: 0.5}}, "key of orange is no image's label.*7"),
    ({"orange": {"0": 0.5}}, "key of orange.*'0'"),
    ({"orange": {0: 2}}, r"orange\[0\].*2"),
    ({"seed": -1}, "seed.*-1"),
    ({"attributes": ["kind"]}, r"attributes are not columns.*\['kind'\]"),
    ({"attributes": {"kind": "boot"}}, "attribute 'kind' is no dict.*'boot'"),
    ({"attributes": {"kind": {"boot": 0}}}, "key of attribute 'kind' is no label.*'boot'"),
    ({"attributes": {"kind": {0: 1j}}}, "cell of group column 'kind'"),
    ({"attributes": {"color": {0: "red"}}}, "named 'color'"),
    ({"ids": [1] * 6}, "ids are not distinct"),
])
def test_bad_arguments(arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        colored_images(**{"images": BLACK, "labels": [0, 0, 1, 1, 2, 2]} | arguments)
