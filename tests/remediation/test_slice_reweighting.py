"""Weights by slice metrics: the formula against draws and values by hand, the callback, and what trains with it."""

import json
import math

import keras
import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import fairkit
from fairkit import Examples, FairkitError
from fairkit.remediation import SliceReweighting, counterfactuals, pack_min_diff_data
from fairkit.remediation.slice_reweighting import METRICS

N = 600
RNG = np.random.default_rng(0)
COLOR = RNG.choice(["blue", "orange", "red"], N, p=[0.7, 0.2, 0.1])
LABELS = RNG.integers(0, 2, N)
INPUTS = np.stack([LABELS + RNG.normal(0, 1, N), COLOR == "orange", RNG.normal(0, 1, N)], axis=1).astype("float32")


def examples(weights=None, **groups):
    return Examples(inputs=INPUTS, labels=LABELS, groups={"color": COLOR, **groups}, weights=weights)


TRAIN = examples()


def reweighting(train=TRAIN, slices=("color",), metric="loss", **options):
    return SliceReweighting(train, train, list(slices), metric, **{"min_examples": 1, **options})


def draws(example_slices, losses, gamma, beta, size, rng):
    """How often TFMR's algorithm draws each example, worked through as its modules do it: shares by a softmax of the
    losses; of each slice ceil(gamma * share * size) examples, as many whole copies as go into that, and the rest one by
    one with a probability; and so from all examples with 1 - gamma."""
    names = list(losses)
    shares = np.exp(beta * np.array(list(losses.values())))
    parts = [(np.array([name in held for held in example_slices]), gamma * share)
             for name, share in zip(names, shares / shares.sum())]
    times = np.zeros(size)
    for member, part in [*parts, (np.ones(size, bool), 1 - gamma)]:
        wanted = math.ceil(part * size)
        whole = int(wanted / member.sum())
        times += member * (whole + (rng.random(size) <= (wanted - whole * member.sum()) / member.sum()))
    return times


@pytest.mark.parametrize("gamma, beta", [(0.5, 5.0), (1.0, 2.0), (0.25, 0.0), (0.0, 5.0)])
def test_an_example_weighs_what_tfmr_draws_it_on_average(gamma, beta):
    losses = {"blue": 0.1, "orange": 0.5, "red": 0.3}
    found = reweighting(gamma=gamma, beta=beta, max_weight=1e6)
    found.update({f"color:{name}": loss for name, loss in losses.items()})
    rng = np.random.default_rng(1)
    average = np.mean([draws([{color} for color in COLOR], losses, gamma, beta, N, rng) for _ in range(2000)], axis=0)
    for color in losses:   # rounding up adds at most one draw a slice, and one among all
        most = 1 / (color == COLOR).sum() + 1 / N
        excess = average[color == COLOR].mean() - found.weights[color == COLOR].mean()
        assert -0.01 < excess < most + 0.01


def test_the_worked_example_of_tfmrs_test():
    # Five examples in slices a, b, a, c, c with equal losses: 5/3 of the weight to each slice.
    five = Examples(labels=[0, 0, 1, 0, 1], groups={"slice": list("abacc")})
    losses = {f"slice:{name}": 0.3 for name in "abc"}
    all_of_it, none, half = (SliceReweighting(five, five, ["slice"], "loss", gamma=gamma) for gamma in (1.0, 0.0, 0.5))
    for one in (all_of_it, none, half):
        one.update(losses)
    np.testing.assert_allclose(all_of_it.weights, np.array([1 / 2, 1, 1 / 2, 1 / 2, 1 / 2]) * 5 / 3)
    np.testing.assert_allclose(none.weights, np.ones(5))
    np.testing.assert_allclose(half.weights, (all_of_it.weights + 1) / 2)
    positives = SliceReweighting(five, five, ["slice"], "false_negative_rate", gamma=1.0, max_weight=100.0)
    positives.update({"slice:a": 0.3, "slice:c": 0.3})   # b has no positive
    np.testing.assert_allclose(positives.weights, [0, 0, 2.5, 0, 2.5])


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b", ("a", "b"), "c"]), st.sampled_from(["x", "y"]),
                          st.integers(0, 1), st.sampled_from([0, 0.5, 1.0, 3.0])), min_size=4, max_size=30),
       st.sampled_from(list(METRICS)), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([1.5, 3.0, 1e9]), st.data())
def test_the_weights_are_the_formulas(rows, metric, gamma, most, data):
    cells, sex, labels, own = zip(*rows)
    own, labels = np.array(own), np.array(labels)
    among = np.ones(len(rows)) if METRICS[metric] is None else labels == METRICS[metric]
    slices = {f"g:{v}": np.array([v == c or (isinstance(c, tuple) and v in c) for c in cells]) for v in "abc"}
    slices |= {f"g_X_sex:{v}_X_{s}": slices[f"g:{v}"] & (np.array(sex) == s) for v in "abc" for s in "xy"}
    held = {name: mask * among for name, mask in slices.items() if (mask * among * own).sum() > 0}
    if not held:
        return
    table = Examples(labels=labels, groups={"g": list(cells), "sex": list(sex)}, weights=own)
    found = SliceReweighting(table, table, ["g", ("g", "sex")], metric, gamma=gamma, beta=4.0, max_weight=most)
    values = {name: data.draw(st.floats(0, 1)) for name in held}
    found.update(values)
    losses = np.array([1 - v if metric == "accuracy" else v for v in values.values()])
    shares = np.exp(4.0 * losses) / np.exp(4.0 * losses).sum()
    factors = (1 - gamma) + gamma * sum(share * own.sum() / (mask * own).sum() * mask
                                        for share, mask in zip(shares, held.values()))
    assert (own * factors).sum() == pytest.approx(own.sum())
    factor = found.weights[own > 0] / own[own > 0]
    assert found.weights.sum() == pytest.approx(own.sum()) and factor.max(initial=0) <= most * (1 + 1e-9)
    if factors[own > 0].max() <= most:
        np.testing.assert_allclose(factor, factors[own > 0], rtol=1e-9)


@pytest.mark.parametrize("weights", [None, RNG.uniform(0.2, 3, N)])
@pytest.mark.parametrize("metric", METRICS)
def test_slices_are_measured_as_scikit_learn_measures_them(metric, weights):
    scores = RNG.uniform(0.02, 0.98, N)
    found = reweighting(examples(weights), ["color"], metric, threshold=0.4)
    found.update(scores)
    for name in ("Overall", "color:blue", "color:orange", "color:red"):
        rows = np.ones(N, bool) if name == "Overall" else name[6:] == COLOR
        y, s, w = LABELS[rows], scores[rows], None if weights is None else weights[rows]
        said = (s > 0.4) * 1
        expected = {
            "loss": sklearn.metrics.log_loss(y, s, sample_weight=w),
            "accuracy": sklearn.metrics.accuracy_score(y, said, sample_weight=w),
            "false_positive_rate": 1 - sklearn.metrics.recall_score(y, said, sample_weight=w, pos_label=0),
            "false_negative_rate": 1 - sklearn.metrics.recall_score(y, said, sample_weight=w),
        }[metric]
        assert found.history[0][name] == pytest.approx(expected, rel=1e-9)


def test_several_classes():
    labels = RNG.integers(0, 3, N)
    scores = RNG.dirichlet([1, 1, 1], N)
    train = Examples(labels=labels, groups={"color": COLOR})
    blue = COLOR == "blue"
    for metric, expected in [
            ("loss", sklearn.metrics.log_loss(labels[blue], scores[blue])),
            ("accuracy", (scores.argmax(1) == labels)[blue].mean())]:
        found = reweighting(train, metric=metric)
        found.update(scores)
        assert found.history[0]["color:blue"] == pytest.approx(expected)
    found = reweighting(train, metric="false_positive_rate", classes=[0, 2])
    found.update(scores)
    negative = blue & (labels == 1)
    assert found.history[0]["color:blue"] == pytest.approx((scores[:, [0, 2]].sum(1) > 0.5)[negative].mean())
    with pytest.raises(FairkitError, match="which class is the positive one"):
        reweighting(train, metric="false_positive_rate")
    for classes in ([3], [0, 3]):
        with pytest.raises(FairkitError, match="none of the model's"):
            reweighting(train, metric="false_positive_rate", classes=classes).update(scores)


def test_small_slices_count_as_the_overall_one_and_smoothing_damps():
    few = ((COLOR == "orange") & (LABELS == 0)).sum()    # more than the red negatives, fewer than the blue ones
    found = reweighting(metric="false_positive_rate", min_examples=int(few), smoothing=0.75)
    first, second = np.where(LABELS, 0.9, 0.1 + 0.8 * (COLOR == "blue")), np.full(N, 0.1)
    found.update(first)
    overall = ((COLOR == "blue") & (LABELS == 0)).sum() / (LABELS == 0).sum()
    assert found.history[0] == {"Overall": pytest.approx(overall), "color:blue": 1.0, "color:orange": 0.0,
                                "color:red": None}
    small = reweighting(metric="false_positive_rate")
    small.update({"color:blue": 1.0, "color:orange": 0.0, "color:red": overall})
    np.testing.assert_allclose(found.weights, small.weights)
    found.update(second)
    assert found.history[1]["color:blue"] == pytest.approx(0.75) and found.history[1]["Overall"] == \
        pytest.approx(0.75 * overall)


def test_bins_are_those_of_the_training_examples():
    ages = RNG.integers(18, 80, N)
    train = examples(age=ages)
    older = Examples(labels=LABELS[:50], groups={"age": np.full(50, 75)})
    found = SliceReweighting(train, older, [{"age": fairkit.quantiles(2)}], "accuracy", min_examples=1)
    found.update(np.full(50, 0.9))
    low, high = [name for name in found.history[0] if name != "Overall"]
    assert found.history[0][low] is None and found.history[0][high] == pytest.approx(LABELS[:50].mean())


def test_the_state_is_restored(tmp_path):
    first = reweighting(metric="accuracy")
    first.update(RNG.uniform(size=N)), first.update(RNG.uniform(size=N))
    (tmp_path / "state.json").write_text(json.dumps(first.state))
    second = reweighting(metric="accuracy")
    second.restore(json.loads((tmp_path / "state.json").read_text()))
    np.testing.assert_array_equal(first.weights, second.weights)
    scores = RNG.uniform(size=N)
    first.update(scores), second.update(scores)
    np.testing.assert_array_equal(first.weights, second.weights)
    assert first.history == second.history and len(first.history) == 3
    with pytest.raises(FairkitError, match="another metric"):
        reweighting(metric="loss").restore(first.state)
    with pytest.raises(FairkitError, match="no state"):
        first.restore({})
    second.restore(reweighting(metric="accuracy").state)
    assert second.history == []


def network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    return model


class Seen(keras.Model):
    """Keeps the weights of all batches that it is trained on."""

    def train_step(self, data):
        weights = data[2]
        self.weighed.append(weights.numpy())
        return super().train_step(data)


@pytest.mark.parametrize("endless", [False, True])
def test_each_batch_has_the_weights_of_its_epoch(endless):
    found = reweighting(metric="false_positive_rate")
    inputs = keras.Input((3,))
    model = Seen(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))
    model.weighed, by_epoch = [], [found.weights]
    model.compile(keras.optimizers.SGD(2.0), "binary_crossentropy", run_eagerly=True)
    data = found.weighted(found.numbered().batches(100, shuffle=False).repeat()) if endless else \
        found.batches(100, shuffle=False)
    keep = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: by_epoch.append(found.weights))
    steps = 6 if endless else None
    model.fit(data, epochs=3, steps_per_epoch=steps, callbacks=[found, keep], verbose=0, shuffle=False)
    for epoch in range(3):
        np.testing.assert_allclose(np.concatenate(model.weighed[6 * epoch:6 * epoch + 6]), by_epoch[epoch])
    assert not np.allclose(by_epoch[0], by_epoch[1]) and len(found.history) == 3


def test_it_trains_as_keras_does_with_these_weights():
    found = reweighting(metric="false_positive_rate")
    found.update(np.where(COLOR == "orange", 0.9, 0.1))
    first, second = network(), network()
    first.fit(found.batches(50, shuffle=False), epochs=2, verbose=0, shuffle=False)
    second.fit(INPUTS, LABELS, sample_weight=found.weights, batch_size=50, epochs=2, verbose=0, shuffle=False)
    for one, other in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_data_sets_of_ones_own_carry_row_numbers():
    found = reweighting()
    found.update({"color:red": 1.0, "color:blue": 0.0, "color:orange": 0.0})
    rows = tf.data.Dataset.from_tensor_slices((INPUTS, LABELS, np.arange(N))).shuffle(N, seed=1).batch(64)
    weights = np.concatenate([w for _, _, w in found.weighted(rows)])
    np.testing.assert_allclose(sorted(weights), sorted(found.weights))
    x, _, w = next(iter(found.weighted(pack_min_diff_data(rows, rows, rows))))
    assert w.shape == (64,) and x.min_diff_data[1].shape == (128, 1)
    for odd in (tf.data.Dataset.range(3), [1, 2]):
        with pytest.raises(FairkitError, match="cannot be weighted"):
            found.weighted(odd)


@pytest.mark.parametrize("options, match", [
    ({"metric": "auc"}, "by the metric 'auc'.*'accuracy'"), ({"gamma": 1.5}, "gamma does not fit"),
    ({"beta": -1}, "beta does not fit"), ({"smoothing": 1}, "smoothing does not"), ({"max_weight": 1}, "max_weight"),
    ({"threshold": "a"}, "threshold does not fit"), ({"slices": ["colour"]}, "no group column 'colour'.*'color'"),
    ({"slices": [{"color": "green"}]}, "no example has color = 'green'"), ({"slices": []}, "no slice has a training"),
    ({"train": None}, "training data cannot be used"), ({"train": examples(np.zeros(N))}, "weights that are all 0"),
])
def test_what_cannot_be_weighted_by_is_refused(options, match):
    with pytest.raises(FairkitError, match=match):
        reweighting(**options)


def test_metrics_that_are_given_are_checked():
    with pytest.raises(FairkitError, match=r"no slice 'color:blu'.*'color:blue' \(the nearest\)"):
        reweighting().update({"color:blu": 0.1})
    with pytest.raises(FairkitError, match="is not a number.*'much'"):
        reweighting().update({"color:blue": "much"})


BY_SLICES = {"slices": ["color"], "metric": "false_positive_rate", "min_examples": 1, "beta": 10.0}


def remedied(**options):
    return fairkit.remediate(network, TRAIN, reweight_slices=BY_SLICES, **{"epochs": 3, "batch_size": 32, "seed": 1,
                                                                           **options})


def test_remediate_holds_examples_out_or_takes_the_validation_examples():
    first, second = remedied(), remedied()
    for one, other in zip(first.model.get_weights(), second.model.get_weights()):
        np.testing.assert_array_equal(one, other)
    asked = first.settings["reweight_slices"]
    assert first.settings["train_examples"] == 450 and asked["measured_on"] == 150 and len(asked["history"]) == 3
    assert asked["slices"] == ["color"] and asked["beta"] == 10.0
    json.dumps(first.settings, allow_nan=False)
    third = remedied(validation=TRAIN)
    assert third.settings["train_examples"] == N and third.settings["reweight_slices"]["measured_on"] == "validation"
    assert "val_loss" in third.history


def test_validation_examples_that_are_too_few_are_refused_before_training():
    negatives = max(((color == COLOR) & (LABELS == 0)).sum() for color in ("blue", "orange", "red"))
    found = reweighting(metric="false_positive_rate", min_examples=int(negatives) + 1)
    with pytest.raises(FairkitError, match=f"with {negatives + 1} negatives, or a smaller.*at most {negatives}$"):
        network().fit(found.batches(64), callbacks=[found], verbose=0)
    assert found.history == []
    enough = reweighting(metric="false_positive_rate", min_examples=int(negatives))
    network().fit(enough.batches(64), callbacks=[enough], verbose=0)
    with pytest.raises(FairkitError, match="every slice of the validation examples is too small"):
        fairkit.remediate(network, TRAIN.take(np.arange(80)), reweight_slices=["color"])


def test_without_a_share_it_is_the_plain_training_and_otherwise_not():
    plain = fairkit.remediate(network, TRAIN, validation=TRAIN, epochs=3, batch_size=32, seed=1)
    none, half = (fairkit.remediate(network, TRAIN, validation=TRAIN, epochs=3, batch_size=32, seed=1,
                                    reweight_slices={**BY_SLICES, "gamma": gamma}) for gamma in (0.0, 0.5))
    for one, other, third in zip(*(model.model.get_weights() for model in (plain, none, half))):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        assert not np.allclose(one, third)


def test_it_goes_beside_the_other_remedies():
    pairs = counterfactuals(TRAIN, lambda x: x * [1, -1, 1] + [0, 1, 0])
    found = remedied(sensitive={"color": "orange"}, min_diff_batch_size=8, counterfactuals=pairs, reweight="color",
                     balance="color", epochs=2)
    assert {"min_diff_loss", "counterfactual_loss"} <= set(found.history)
    assert found.settings["method"] == "min_diff and counterfactual" and found.settings["reweight"] == ["color"]
    assert found.settings["pairs"] == 450 and found.settings["train_examples"] < 450   # the others are held out
    assert len(found.settings["reweight_slices"]["history"]) == 2


@pytest.mark.parametrize("asked, match", [
    ({"slices": ["color"], "gama": 1}, r"takes no 'gama'.*'gamma' \(the nearest\)"), ([], "names no slice"),
    ({"slices": ["color"], "validation_share": 1.0}, "validation_share"), (["colour"], "no group column 'colour'"),
])
def test_remediate_refuses_what_it_cannot_weight_by(asked, match):
    with pytest.raises(FairkitError, match=match):
        fairkit.remediate(network, TRAIN, reweight_slices=asked, epochs=1)


def test_a_sweep_has_it_as_a_candidate():
    found = fairkit.sweep(network, TRAIN, slices=["color"], methods={"by slices": {"reweight_slices": BY_SLICES}},
                          seeds=[0], epochs=1, jobs=1, min_examples=1)
    assert found.table["candidate"].tolist() == ["control", "by slices"]
    assert found.settings("by slices")[0]["reweight_slices"]["metric"] == "false_positive_rate"


def test_a_data_frame_of_the_history():
    found = reweighting(metric="accuracy")
    found.update(np.full(N, 0.9)), found.update(np.full(N, 0.1))
    assert pd.DataFrame(found.history).columns.tolist() == ["Overall", "color:blue", "color:orange", "color:red"]
