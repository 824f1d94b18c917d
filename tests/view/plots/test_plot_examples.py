"""Images and texts of examples: the right ones, as they are, and nothing of them read as markup."""

import numpy as np
import pytest

import fairkit
from fairkit import FairkitError
from fairkit.view import example_images, example_texts
from fairkit.view.plots.example_images import as_pixels


def test_images_are_the_examples_that_are_named(digits):
    examples, scores, evaluation = digits
    display = example_images(evaluation, examples, by="color", most=4, seed=3)
    assert display.frame["slice"].tolist() == ["color:blue"] * 4 + ["color:orange"] * 4
    for panel, row in zip(display.axes, display.frame.itertuples()):
        place = row.id - 1000
        np.testing.assert_array_equal(panel.images[0].get_array(), examples.inputs[place] / 255)
        assert scores[place].argmax() == row.predicted != row.label == examples.labels[place]
        assert panel.get_title() == f"{row.label} as {row.predicted}\n{100 * scores[place].max():.0f} %"
    wrong = scores.argmax(axis=1) != examples.labels
    blue = examples.groups["color"].match("color", "blue")
    assert f"blue\n{(wrong & blue).sum()} of {blue.sum()}\nexamples" in [t.get_text() for t in display.axes[0].texts]
    again = example_images(evaluation, examples, by="color", most=4, seed=3)
    assert again.frame.equals(display.frame)
    assert not example_images(evaluation, examples, by="color", most=4, seed=4).frame.equals(display.frame)


@pytest.mark.parametrize(("show", "label", "above"), [
    ("false_positives", False, True), ("false_negatives", True, False), ("correct", None, None),
    ("errors", None, None)])
def test_one_class_against_the_rest(digits, show, label, above):
    examples, scores, evaluation = digits
    frame = example_images(evaluation, examples, show=show, class_id=2, threshold=0.4, most=20, order="score").frame
    place = frame["id"].to_numpy() - 1000
    positive, flagged = examples.labels[place] == 2, scores[place, 2] > 0.4
    if label is not None:
        assert (positive == label).all() and (flagged == above).all()
        assert np.all(np.diff(scores[place, 2]) <= 0) if above else np.all(np.diff(scores[place, 2]) >= 0)
    else:
        assert ((positive == flagged) == (show == "correct")).all()


def test_examples_in_another_order_are_found_by_their_ids(digits):
    examples, _, evaluation = digits
    display = example_images(evaluation, examples, most=3)
    other = examples.take(np.random.default_rng(0).permutation(len(examples)))
    shuffled = example_images(evaluation, other, most=3)
    assert shuffled.frame.equals(display.frame)
    np.testing.assert_array_equal(shuffled.ax.images[0].get_array(), display.ax.images[0].get_array())
    with pytest.raises(FairkitError, match="not the examples that were judged"):
        example_images(evaluation, examples.take(np.arange(10)))


@pytest.mark.parametrize("images", [np.zeros((2, 3, 3), bool), np.full((2, 3, 3, 1), 255, np.uint8),
                                    np.full((2, 3, 3, 4), 0.5), np.full((2, 3, 3, 3), 200.0)])
def test_pixels_lie_between_0_and_1(images):
    pixels = as_pixels(images)
    assert pixels.shape[:3] == (2, 3, 3) and 0 <= pixels.min() <= pixels.max() <= 1


def test_the_data_alone_before_there_is_a_model(digits):
    examples = digits[0]
    display = example_images(None, examples, by="color", most=3, seed=2)
    assert display.frame.columns.tolist() == ["slice", "id", "label"]
    for panel, row in zip(display.axes, display.frame.itertuples(), strict=True):
        place = row.id - 1000
        np.testing.assert_array_equal(panel.images[0].get_array(), examples.inputs[place] / 255)
        assert panel.get_title() == f"{examples.labels[place]}" == f"{row.label}"
        assert row.slice == f"color:{examples.groups['color'].to_list()[place]}"
    blue = int(examples.groups["color"].match("color", "blue").sum())
    assert [text.get_text() for text in display.ax.texts] == [f"blue\n{blue} examples"]
    assert display.alt == "Examples with their labels: 3 images of blue, 3 images of orange."
    assert display.figure.get_suptitle() == "Examples with their labels"
    assert example_images(None, examples, by="color", most=3, seed=2, show="all").frame.equals(display.frame)
    assert not example_images(None, examples, by="color", most=3, seed=3).frame.equals(display.frame)


@pytest.mark.parametrize("asked", [{"show": "errors"}, {"show": "false_positives"}, {"order": "score"}, {"class_id": 2},
                                   {"threshold": 0.5}])
def test_without_a_model_nothing_was_predicted(digits, judged, asked):
    (name, value), = asked.items()
    for shown, examples in ((example_images, digits[0]), (example_texts, judged[1])):
        with pytest.raises(FairkitError, match=f"{name}={value!r} asks what a model predicted, and there is none. "
                                               f"Expected: {name}=.*an Evaluation in the place of None"):
            shown(None, examples, **asked)


def test_names_are_checked_without_a_model(digits):
    for options, message in (({"show": "error"}, "'errors' \\(the nearest\\)"), ({"by": "colour"}, "'color'"),
                             ({"most": 0}, "1 or more")):
        with pytest.raises(FairkitError, match=message):
            example_images(None, digits[0], **options)
    with pytest.raises(FairkitError, match="no examples"):
        example_images(None, [1, 2])


def test_texts_alone_before_there_is_a_model(judged):
    shown = example_texts(None, judged[1], by="tone", most=9)
    assert shown.frame.columns.tolist() == ["slice", "id", "label", "text"]
    of_slice = shown.frame.groupby("slice")["text"].agg(set)
    assert of_slice["tone:<i>"] == {TEXTS[0], TEXTS[1], TEXTS[5]} and of_slice["tone:b"] == {TEXTS[0], *TEXTS[2:5]}
    labels = dict(zip(TEXTS, judged[1].labels, strict=True))
    assert all(labels[row.text] == row.label for row in shown.frame.itertuples())
    html = shown._repr_html_()
    assert "<script" not in html and ">score<" not in html and ">label<" in html and "tone:b</bdi>: 4 examples" in html
    assert str(shown).startswith("Texts with their labels\n\ntone:b: 4 examples\n  0  ") and "\n  1  good" in str(shown)


def test_a_group_without_any_says_so(digits):
    examples = digits[0]
    evaluation = fairkit.evaluate(np.eye(3)[examples.labels], examples)
    display = example_images(evaluation, examples, by="color")
    assert display.frame.empty and "none to show" in display.axes[0].texts[0].get_text()


def test_what_are_no_images_or_no_choice_is_refused(digits):
    examples, _, evaluation = digits
    texts = fairkit.Examples(labels=examples.labels, groups={}, ids=examples.ids, inputs=["a"] * len(examples))
    with pytest.raises(FairkitError, match="no images"):
        example_images(evaluation, texts)
    for options, message in (({"show": "error"}, "'errors' \\(the nearest\\)"), ({"by": "colour"}, "'color'"),
                             ({"show": "false_positives"}, "class_id="), ({"most": 0}, "1 or more"),
                             ({"order": "scores"}, "'score'"), ({"most": 99}, "up to 20"), ({"class_id": 9}, "class")):
        with pytest.raises(FairkitError, match=message):
            example_images(evaluation, examples, **options)
    with pytest.raises(FairkitError, match="holds its predictions"):
        example_images("run", examples)


TEXTS = ["<script>alert(1)</script>", "x" * 10_000, "שלום", "plain\nlines\x00 & \"quotes\"", "fine", "good"]


@pytest.fixture
def judged():
    examples = fairkit.Examples(labels=[0, 0, 0, 0, 0, 1], inputs=TEXTS,
                                groups={"tone": [["<i>", "b"], "<i>", "b", "b", "b", "<i>"]})
    return fairkit.evaluate([0.9, 0.8, 0.7, 0.6, 0.1, 0.95], examples, ["tone"], [0.5]), examples


def test_texts_that_are_wrongly_flagged(judged, tmp_path):
    shown = example_texts(*judged, by="tone")
    texts = shown.frame.groupby("slice")["text"].agg(list)
    assert texts["tone:<i>"] == TEXTS[:2] and texts["tone:b"] == [TEXTS[0], TEXTS[2], TEXTS[3]]
    assert shown.counts == {"tone:<i>": (2, 2), "tone:b": (3, 4)}
    html = shown._repr_html_()
    assert "<script" not in html and "<i>" not in html and "&lt;script&gt;alert(1)" in html and "x" * 501 not in html
    assert "\x00" not in html and "plain lines" in html
    assert "tone:b: 3 of 4 negatives" in str(shown) and "TextExamples(5 texts" in repr(shown)
    path = shown.save(tmp_path / "page.html")
    assert path.stat().st_mode & 0o077 == 0 and "default-src 'none'" in path.read_text("utf-8")
    with pytest.raises(FairkitError, match=".html"):
        shown.save(tmp_path / "page.png")
    assert example_texts(*judged, show="correct", order="random", seed=1).frame["label"].sum() == 1


def test_texts_are_needed(digits):
    with pytest.raises(FairkitError, match="no texts"):
        example_texts(digits[2], digits[0], show="errors")
