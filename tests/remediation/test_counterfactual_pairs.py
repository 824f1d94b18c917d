"""Pairs: which rows, which weights, and training on them."""

import functools
import json

import keras
import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.remediation.counterfactual_pairs import CounterfactualPairs, counterfactuals
from fairkit.remediation.counterfactual_training import counterfactual_training

TEXTS = ["A Muslim spoke.", "It rains.", "Women and Jews.", "My mother."]


def examples(inputs=TEXTS, **more):
    return fairkit.Examples(**{"inputs": inputs, "labels": [1, 0, 1, 0], "groups": {"side": ["a", "b", "a", None]},
                               "weights": [1, 2, 3, 4], "ids": ["p", "q", "r", "s"], **more})


def test_rows_labels_groups_weights_and_ids_are_the_originals():
    pairs = counterfactuals(examples(), functools.partial(fairkit.data.swap_mentions, terms="religion", to="christian"))
    assert pairs.rows.tolist() == [0, 2] and pairs.of == 4 and len(pairs) == 2
    assert pairs.original.inputs.tolist() == ["A Muslim spoke.", "Women and Jews."]
    assert pairs.counterfactual.inputs.tolist() == ["A Christian spoke.", "Women and Christians."]
    for side in (pairs.original, pairs.counterfactual):
        assert side.labels.tolist() == [1, 1] and side.weights.tolist() == [1, 3] and side.ids.tolist() == ["p", "r"]
        assert side.groups["side"].to_list() == ["a", "a"]
    assert pairs.swapped == ("swap_mentions(terms='religion', to='christian')",)
    assert pairs.take([1]).rows.tolist() == [2] and pairs.take(np.array([True, False])).rows.tolist() == [0]


def shouted(texts):
    return [text.upper() for text in texts]


def test_several_swaps_make_their_own_pairs():
    pairs = counterfactuals(examples(), ["gender", "religion", shouted])
    assert pairs.rows.tolist() == [2, 3, 0, 2, 0, 1, 2, 3]
    assert pairs.counterfactual.inputs[:2].tolist() == ["Men and Jews.", "My father."]
    assert pairs.counterfactual.inputs[-1] == "MY MOTHER." and pairs.original.inputs[-1] == "My mother."
    assert pairs.swapped == ("gender", "religion", "shouted") and len(np.unique(pairs.original.ids)) == 8


def test_words_of_the_users_own_and_a_seed():
    groups = {name: [name] for name in ("muslim", "jain", "sikh", "hindu")}
    made = [counterfactuals(examples(), groups, seed=seed).counterfactual.inputs[0] for seed in range(12)]
    assert set(made) == {"A Jain spoke.", "A Sikh spoke.", "A Hindu spoke."}
    assert made == [counterfactuals(examples(), groups, seed=seed).counterfactual.inputs[0] for seed in range(12)]


def test_named_inputs_change_where_they_are_asked_to():
    both = {"text": TEXTS, "length": np.array([3, 2, 3, 2])}
    pairs = counterfactuals(examples(both), "gender", inputs="text")
    assert pairs.counterfactual.inputs["text"].tolist() == ["Men and Jews.", "My father."]
    assert pairs.counterfactual.inputs["length"].tolist() == [3, 2]
    _, swapped, _ = next(iter(pairs.batches(2, shuffle=False)))
    assert swapped["text"].numpy().tolist() == [b"Men and Jews.", b"My father."]
    with pytest.raises(FairkitError, match="several inputs"):
        counterfactuals(examples(both), "gender")
    with pytest.raises(FairkitError, match=r"'text' \(the nearest\)"):
        counterfactuals(examples(both), "gender", inputs="texts")


def test_another_colour_twice_is_the_first():
    shapes = np.random.default_rng(0).integers(0, 256, (6, 12, 12)).astype(np.uint8)
    painted = fairkit.data.colored_images(shapes, [0, 1, 2, 3, 4, 5], orange=0.5)
    pairs = counterfactuals(painted, "color")
    other = fairkit.data.colored_images(shapes, [0, 1, 2, 3, 4, 5], orange={
        k: float(color == "blue") for k, color in enumerate(painted.groups["color"].to_list())})
    np.testing.assert_array_equal(pairs.counterfactual.inputs, other.inputs)
    np.testing.assert_array_equal(fairkit.data.swap_colors(pairs.counterfactual.inputs), painted.inputs)
    assert len(counterfactuals(painted, lambda images: 255 - images)) == 6


def test_batches_carry_weights():
    first, second, weights = next(iter(counterfactuals(examples(), "gender").batches(5, shuffle=False)))
    assert first.numpy().tolist() == [b"Women and Jews.", b"My mother."]
    assert second.numpy().tolist() == [b"Men and Jews.", b"My father."]
    assert weights.numpy().tolist() == [3.0, 4.0] and weights.dtype == "float32"
    *_, weights = next(iter(counterfactuals(examples(weights=None), "gender").batches(5)))
    assert weights.numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize("given, swap, match", [
    ("texts", "gender", "fairkit.Examples"), (examples(None), "gender", "no inputs"),
    (examples(), "religions", r"'religion' \(the nearest\)"), (examples(), 3, "this is no swap"),
    (examples(), [], "nothing is to be swapped"), (examples(), "sexual_orientation", "changes no example"),
    (examples(), lambda texts: texts[:2], "an input for each input"),
    (examples(np.zeros((4, 2))), "gender", "no texts"),
    (examples(), {"one": ["word"]}, "two groups or more"),
])
def test_what_makes_no_pairs_is_refused(given, swap, match):
    with pytest.raises(FairkitError, match=match):
        counterfactuals(given, swap)


X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
TRAIN = fairkit.Examples(inputs=X, labels=(X[:, 0] > 0) * 1, groups={})
PAIRS = counterfactuals(TRAIN, lambda x: x * [-1, 1, 1])


def network():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    return model


def fixed(weight, loss="mse", **options):
    return fairkit.remediate(network, TRAIN, counterfactuals=PAIRS, counterfactual_loss=loss,
                             counterfactual_weight=weight, seed=3, **options)


def test_training_makes_the_sides_alike_and_a_weight_of_0_has_no_effect():
    paired, control = (fixed(weight, epochs=8, batch_size=10, validation=TRAIN) for weight in (20.0, 0))
    near, far = (np.abs(found.model(PAIRS.original.inputs) - found.model(PAIRS.counterfactual.inputs)).mean()
                 for found in (paired, control))
    assert near < far / 2 and len(paired.history["counterfactual_loss"]) == 8 and "val_accuracy" in paired.history
    json.dumps(paired.settings, allow_nan=False)
    assert paired.settings["counterfactual_weight"] == 20.0 and paired.settings["method"] == "counterfactual"
    assert paired.settings["pairs"] == paired.settings["pairs_of"] == 40
    plain = fairkit.remediate(network, TRAIN, seed=3, epochs=8, batch_size=10)
    for one, other in zip(plain.model.get_weights(), control.model.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_the_same_seed_gives_the_same_weights():
    first, second = (fixed(2.0, epochs=2, batch_size=16).model.get_weights() for _ in range(2))
    for one, other in zip(first, second):
        np.testing.assert_array_equal(one, other)


def test_what_cannot_be_trained_on_is_refused():
    with pytest.raises(FairkitError, match="one output"):
        fixed(1.0, "pairwise_cosine")
    with pytest.raises(FairkitError, match="counterfactuals gives"):
        counterfactual_training(network(), TRAIN.batches(4), TRAIN, 1)
    assert isinstance(PAIRS, CounterfactualPairs)


def test_a_dict_of_swaps_makes_several_sets():
    texts = fairkit.Examples(inputs=["A Muslim woman spoke.", "A cat slept.", "It rains."], labels=[1, 0, 0], groups={})
    pets = {"cat": ["cat"], "dog": ["dog"]}
    sets = counterfactuals(texts, {"faith": "religion", "who": ["gender", pets], "pet": pets})
    assert {name: part.rows.tolist() for name, part in sets.items()} == {"faith": [0], "who": [0, 1], "pet": [1]}
    assert sets["pet"].counterfactual.inputs.tolist() == ["A dog slept."]
    assert counterfactuals(texts, {"cat": "cat", "dog": "dog"}).rows.tolist() == [1]   # words, as ever
    with pytest.raises(FairkitError, match="a function that changes nothing|changes no example"):
        counterfactuals(texts, {"faith": "religion", "none": lambda inputs: inputs})


SETS = counterfactuals(TRAIN, {"first": lambda x: x * [-1, 1, 1], "second": lambda x: np.add(x, [0, 0, 1])})


def test_several_sets_are_trained_on_with_a_penalty_each():
    found = fairkit.remediate(
        network, TRAIN, counterfactuals=SETS, counterfactual_loss={"first": "mse", "second": "absolute_difference"},
        counterfactual_weight={"first": 20.0, "second": 0.0}, seed=3, epochs=8, batch_size=10)
    assert {"first_counterfactual_loss", "second_counterfactual_loss"} <= set(found.history)
    assert found.history["second_counterfactual_loss"] == [0.0] * 8
    json.dumps(found.settings, allow_nan=False)
    assert found.settings["counterfactual_weight"] == {"first": 20.0, "second": 0.0}
    assert found.settings["counterfactual_loss"]["second"] == "pairwise_absolute_difference_loss"
    assert found.settings["pairs"] == {"first": 40, "second": 40}
    first = SETS["first"]
    near, far = (np.abs(one.model(first.original.inputs) - one.model(first.counterfactual.inputs)).mean()
                 for one in (found, fixed(0, epochs=8, batch_size=10)))
    assert near < far / 2


def test_one_loss_and_one_weight_do_for_all_sets():
    found = fairkit.remediate(network, TRAIN, counterfactuals=SETS, counterfactual_weight=2.0, epochs=1, batch_size=8)
    assert found.settings["counterfactual_weight"] == {"first": 2.0, "second": 2.0}


@pytest.mark.parametrize("options, match", [
    ({"counterfactual_loss": {"first": "mse"}}, "no counterfactual loss for the pairs 'second'"),
    ({"counterfactual_loss": {"first": "mse", "secnd": "mse"}}, r"no pairs 'secnd'.*'second' \(the nearest\)"),
    ({"counterfactual_weight": {"secnd": 1.0}}, r"no loss 'secnd' to weight.*'second' \(the nearest\)"),
    ({"counterfactuals": {"first": 3}}, "no pairs to train on"),
])
def test_sets_losses_and_weights_that_do_not_go_together_are_refused(options, match):
    with pytest.raises(FairkitError, match=match):
        fairkit.remediate(network, TRAIN, **{"counterfactuals": SETS, **options}, epochs=1)
