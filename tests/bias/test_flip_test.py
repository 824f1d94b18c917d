"""FT: neighbours, features of every kind, and its interval."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

import fairkit
from fairkit.bias import bias_report
from fairkit.bias.flip_test import paired_difference


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    found = pd.DataFrame({"side": rng.choice(["a", "d"], 300), "x": rng.normal(size=300), "y": rng.normal(0, 100, 300),
                          "job": rng.choice(["u", "v", "w"], 300), "truth": rng.integers(0, 2, 300)})
    found["said"] = (found["x"] + (found["side"] == "d") * .3 + rng.normal(0, .5, 300) > 0).astype(int)
    return found


def by_classifier(matrix, frame, k=5):
    """FT by scikit-learn's classifier, as Clarify makes it."""
    d = (frame["side"] == "d").to_numpy()
    said = frame["said"].to_numpy()
    likely = KNeighborsClassifier(k).fit(matrix[~d], said[~d]).predict(matrix[d])
    return ((said[d] > likely).sum() - (said[d] < likely).sum()) / d.sum()


def ft(frame, **options):
    return bias_report(frame, "truth", 1, "side", "d", predictions="said", methods=["FT"], **options).value("FT")


def test_numbers_as_they_are_and_scaled(frame):
    matrix = frame[["x", "y"]].to_numpy()
    assert ft(frame, features=["x", "y"]) == pytest.approx(by_classifier(matrix, frame))
    scaled = ft(frame, features=["x", "y"], scale=True)
    assert scaled == pytest.approx(by_classifier((matrix - matrix.mean(0)) / matrix.std(0), frame))
    assert scaled != ft(frame, features=["x", "y"])


def test_categories_are_at_distance_one(frame):
    hot = pd.get_dummies(frame["job"]).to_numpy(float) * np.sqrt(.5)
    assert ft(frame, features=["x", "job"]) == pytest.approx(
        by_classifier(np.column_stack([frame["x"], hot]), frame))
    assert ft(frame, features=["x", "job"]) == ft(frame.drop(columns=["y"]))   # all but label, facet and predictions


def test_one_neighbour_where_facet_a_has_few(frame):
    few = pd.concat([frame[frame["side"] == "a"].head(9), frame[frame["side"] == "d"]])
    assert ft(few, features=["x"]) == pytest.approx(by_classifier(few[["x"]].to_numpy(), few, 1))


def test_thresholds_share_their_neighbours(frame):
    scored = frame.assign(score=1 / (1 + np.exp(-frame["x"])))
    report = bias_report(scored, "truth", 1, "side", "d", predictions="score", thresholds=[.4, .6], methods=["FT"],
                         features=["x", "y"])
    for threshold in (.4, .6):
        cut = scored.assign(said=(scored["score"] > threshold).astype(int))
        assert report.value("FT", threshold=threshold) == pytest.approx(
            by_classifier(cut[["x", "y"]].to_numpy(), cut))


def test_members_and_neighbours_count_by_their_weight(frame):
    """Whole weights of members are repeated rows of facet d."""
    weights = np.where(frame["side"] == "d", 1 + np.arange(len(frame)) % 3, 1)
    repeated = frame.loc[frame.index.repeat(weights)]
    assert ft(frame, features=["x"], weights=weights) == pytest.approx(ft(repeated, features=["x"]))
    # one neighbour in facet a outweighs the other four
    rows = pd.DataFrame({"side": ["a"] * 12 + ["d"], "x": [0.0] * 5 + [9.0] * 7 + [0.0], "truth": 1,
                         "said": [1] + [0] * 4 + [0] * 7 + [0]})
    assert ft(rows, features=["x"]) == 0
    assert ft(rows, features=["x"], weights=[9.0] + [1.0] * 12) == -1


def test_texts_and_images_through_an_embedding():
    rng = np.random.default_rng(2)
    images = rng.random((80, 4, 4)).astype(np.float32)
    labels, side = rng.integers(0, 2, 80), rng.choice(["a", "d"], 80)
    examples = fairkit.Examples(labels=labels, groups={"side": side}, inputs=images)
    said = (images.mean((1, 2)) > .5).astype(int)
    asked = {"facet": "side", "facet_values": "d", "predictions": said, "methods": ["FT"]}
    report = fairkit.bias_report(examples, embedding=lambda inputs: inputs.reshape(len(inputs), -1), **asked)
    frame = pd.DataFrame({"side": side, "said": said})
    assert report.value("FT") == pytest.approx(by_classifier(images.reshape(80, -1), frame))
    lost = fairkit.bias_report(examples, **asked).frame
    assert np.isnan(lost["value"][0]) and "embedding=" in lost["note"][0]
    whole = pd.DataFrame({"side": side, "truth": labels, "said": said, "picture": list(images.reshape(80, -1))})
    again = bias_report(whole, "truth", 1, "side", "d", predictions="said", methods=["FT"],
                        embedding=lambda table: np.stack(table["picture"]))
    assert again.value("FT") == report.value("FT")
    texts = fairkit.Examples(labels=labels, groups={"side": side}, inputs=["word " * int(n) for n in said * 3 + 1])
    report = fairkit.bias_report(texts, embedding=lambda inputs: [[len(text)] for text in inputs], **asked)
    assert report.value("FT") == 0


def test_what_is_no_feature_is_named_and_the_others_are_not_lost(frame):
    ids = frame.assign(name=[f"n{k}" for k in range(len(frame))])
    found = bias_report(ids, "truth", 1, "side", "d", predictions="said").frame.set_index("metric")
    assert "Received: 300" in found.loc["FT", "note"] and not np.isnan(found.loc["AD", "value"])
    holes = frame.assign(x=frame["x"].where(frame.index > 3))
    found = bias_report(holes, "truth", 1, "side", "d", predictions="said", methods=["FT"]).frame
    assert "'x' has empty cells" in found["note"][0]


def test_the_interval_as_published():
    """Bonett and Price 2012, worked: 30 up, 10 down of 100."""
    up, down = 31 / 102, 11 / 102
    half = 1.959963984540054 * np.sqrt((up + down - (up - down) ** 2) / 102)
    value, lower, upper = paired_difference(30, 10, 100)
    assert value == pytest.approx(.2)
    assert (lower, upper) == pytest.approx((up - down - half, up - down + half))
