"""Against the published figures of Adult's training part: 32,561 people, 7,841 of whom earn more than 50,000."""

import numpy as np
import pytest

import fairkit


@pytest.fixture(scope="module")
def census():
    return fairkit.data.census()


def test_people_and_labels(census):
    assert len(census) == 32_561 and census.labels.sum() == 7_841


def test_groups(census):
    women = census.where({"gender": "Female"})
    assert len(women) == 10_771 and women.labels.sum() == 1_179


def test_missing_texts_are_empty(census):
    assert {name: sum(text == "" for text in census.inputs[name]) for name in ("workclass", "occupation", "gender")} \
        == {"workclass": 1_836, "occupation": 1_843, "gender": 0}
    assert np.asarray(census.inputs["age"]).min() == 17 and np.asarray(census.inputs["age"]).max() == 90


def test_without_a_file_the_way_to_get_it_is_named(tmp_path):
    with pytest.raises(fairkit.FairkitError, match="no-deps xai"):
        fairkit.data.census(tmp_path / "census.csv")
