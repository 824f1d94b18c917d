"""Data sets of TensorFlow Datasets by their names: a real one, prepared on disk, and TFDS's mock data."""

import numpy as np
import pytest

import fairkit
from fairkit.data.reading.tfds_sets import tfds

TEXTS = [f"post {i}" for i in range(50)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with the data set small_posts: two splits, nested features, several values a cell, images."""
    module, folder = tfds(), tmp_path_factory.mktemp("tfds")

    class SmallPosts(module.core.GeneratorBasedBuilder, skip_registration=True):
        name, VERSION, code_path = "small_posts", module.core.Version("1.0.0"), None

        def _info(self):
            return module.core.DatasetInfo(builder=self, features=module.features.FeaturesDict({
                "text": np.str_, "toxicity": np.float32, "kind": module.features.ClassLabel(names=["fine", "rude"]),
                "about": {"faith": module.features.Sequence(np.str_)},
                "image": module.features.Image(shape=(4, 3, 3)), "vector": module.features.Tensor(shape=(2,),
                                                                                                 dtype=np.float32)}))

        def _split_generators(self, manager):
            return {"train": self._rows(0, 40), "test": self._rows(40, 50)}

        def _rows(self, start, stop):
            for i in range(start, stop):
                yield i, {"text": TEXTS[i], "toxicity": i / 50, "kind": i % 2, "vector": [i, i / 2],
                          "about": {"faith": ["hindu", "jewish"][: i % 3]}, "image": np.full((4, 3, 3), i, np.uint8)}

        def _generate_examples(self):
            raise NotImplementedError

    SmallPosts(data_dir=folder).download_and_prepare()
    return folder


def test_a_prepared_data_set(prepared):
    examples = fairkit.data.read("small_posts", ["text", "image", "vector"], label="toxicity", positive=">=0.3",
                                 groups=["about/faith", "kind"], split="train", data_dir=prepared)
    order = [int(text.split()[1]) for text in examples.inputs["text"]]  # TFDS shuffles once, when it prepares
    assert sorted(order) == list(range(40))
    np.testing.assert_array_equal(examples.labels, [i / 50 >= 0.3 for i in order])
    assert examples.groups["about/faith"].to_list() == [[None, "hindu", ("hindu", "jewish")][i % 3] for i in order]
    assert examples.groups["kind"].to_list() == [i % 2 for i in order]
    assert examples.inputs["image"].shape == (40, 4, 3, 3) and examples.inputs["image"].dtype == np.uint8
    assert examples.inputs["image"][:, 0, 0, 0].tolist() == order
    np.testing.assert_allclose(examples.inputs["vector"], [[i, i / 2] for i in order])
    again = fairkit.data.read("tfds:small_posts", "text", label="kind", split="train", data_dir=prepared)
    assert again.inputs.tolist() == examples.inputs["text"].tolist()
    part = fairkit.data.read("small_posts:1.0.0", "text", label="kind", split="test[:50%]", data_dir=prepared)
    assert len(part) == 5


@pytest.mark.parametrize(("name", "options", "message"), [
    ("small_posts", {}, "several splits.*'train', 'test'"),
    ("small_posts", {"split": "trian"}, "no split 'trian'.*'train'"),
    ("tfds:small_post", {"split": "train"}, "has no data set 'small_post'"),
    ("tfds:mnst", {"split": "train"}, "has no data set 'mnst'.*such as 'mnist'"),
    ("tfds:mnist:9.9.9", {"split": "train"}, "has no data set 'mnist:9.9.9'.*'mnist:3.0.1'"),
    ("civil_comments/CivilCommentsIdentites", {}, "'civil_comments/CivilCommentsIdentities'"),
    ("glue/colaa", {"split": "train"}, "'glue/cola'"),
    ("small_post", {"split": "train"}, "has no data set 'small_post'"),
    ("makefile.csv", {"split": "train"}, "has no data set 'makefile.csv'"),
])
def test_what_is_wrong_with_a_name(prepared, name, options, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.read(name, "text", label="kind", data_dir=prepared, **options)


@pytest.mark.parametrize(("name", "near"), [
    ("mnist:9.9.9", "'mnist:3.0.1'"), ("imdb_review", "'imdb_reviews'"), ("glue/colaa", "'glue/cola'")])
def test_what_is_no_file_may_be_meant_as_a_name(name, near):
    with pytest.raises(fairkit.FairkitError, match=f"no file and no data set of TensorFlow Datasets.*{near}"):
        fairkit.data.read(name, "text", label="label")
    with pytest.raises(fairkit.FairkitError, match="no examples at 'zzqq_nothing_like_it'"):
        fairkit.data.read("zzqq_nothing_like_it", "text", label="label")


def test_mock_data():
    with tfds().testing.mock_data(num_examples=7):
        examples = fairkit.data.read("mnist", "image", label="label", classes=10, split="train")
    assert examples.inputs.shape == (7, 28, 28, 1) and len(examples) == 7
