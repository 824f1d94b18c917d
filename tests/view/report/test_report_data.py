"""What the data looked like and how the model was trained, against counts by pandas and Keras."""

import numpy as np
import pandas as pd

import fairkit
from fairkit.view.report.architecture import architecture_of
from fairkit.view.report.group_counts import counts_of_cells, group_counts


def test_groups_and_labels_are_counted(judged):
    examples, *_ = judged
    counts = group_counts(examples)
    table = pd.DataFrame({"label": examples.labels, **{n: c.to_list() for n, c in examples.groups.items()}})
    assert counts["examples"] == len(table)
    assert counts["labels"] == {str(k): int(v) for k, v in table["label"].value_counts().items()}
    for group in counts["groups"]:
        column = table[group["feature"]]
        assert group["without"] == column.isna().sum()
        assert {row["value"]: row["examples"] for row in group["rows"]} == column.value_counts().to_dict()
        for row in group["rows"]:
            assert row["labels"]["1"] == table.loc[column == row["value"], "label"].sum()


def test_cells_hold_the_same_counts(judged, evaluations):
    examples, *_ = judged
    from_cells = counts_of_cells(evaluations[0])
    by_feature = {group["feature"]: group for group in group_counts(examples)["groups"]}
    assert {group["feature"] for group in from_cells["groups"]} == {"color", "shape"}
    for group in from_cells["groups"]:
        assert group == by_feature[group["feature"]]


def test_cells_of_one_class_count_the_others_together():
    labels = [0, 1, 2, 2, 2, 1]
    examples = fairkit.Examples(labels=labels, groups={"g": [["a", "b"], "a", "a", "b", None, "b"]})
    evaluation = fairkit.evaluate(np.eye(3)[labels], examples, ["g"], [0.5], classes=[2])
    counts = counts_of_cells(evaluation)
    assert counts["labels"] == {"2": 3, "others": 3} and counts["groups"][0]["without"] == 1
    assert [(row["value"], row["examples"], row["labels"]["2"]) for row in counts["groups"][0]["rows"]] == [
        ("a", 3, 1), ("b", 3, 1)]


def test_the_section_tells_the_training_split_and_what_is_apart(evaluations, judged):
    examples, *_ = judged
    color = np.array(examples.groups["color"].to_list())
    train = examples.take(np.flatnonzero((color == "blue") | (np.arange(len(examples)) % 5 == 0)))
    report = evaluations[0].report(train=train, pictures="none", board=False, positive="bad", negative="good")
    section = report.content.section("data")
    said = [part.text for part in section.parts if part.kind == "paragraph"]
    share = 100 * (np.array(train.labels) == 1).mean()
    assert f"{len(train):,} examples: {100 - share:.1f} % good, {share:.1f} % bad." in said
    apart = [item for part in section.parts if part.kind == "bullets" for item in part.items]
    assert any(item.startswith("Color orange makes up") for item in apart)
    [table] = [part for part in section.parts if part.kind == "table"][:1]
    assert table.rows[0][:2] == ("blue", f"{(color == 'blue').sum():,}")


def test_labels_that_go_with_a_group_stand_out(judged, evaluations):
    examples, *_ = judged
    color, labels = np.array(examples.groups["color"].to_list()), np.array(examples.labels)
    train = examples.take(np.flatnonzero((color == "blue") | (labels == 1)))
    report = evaluations[0].report(train=train, pictures="none", board=False, positive="bad", negative="good")
    said = [item for part in report.content.section("data").parts if part.kind == "bullets" for item in part.items]
    blue = 100 * labels[color == "blue"].mean()
    assert (f"In the training split 100.0 % of the examples with color orange are bad, and {blue:.1f} % of those with "
            "color blue: a model can learn to tell one by the other.") in said


def test_an_older_run_says_what_was_not_kept(evaluations):
    section = evaluations[0].report(pictures="none", board=False).content.section("data")
    assert any("not kept with this run" in part.text for part in section.parts if part.kind == "paragraph")


def test_the_architecture_is_what_keras_says():
    model = fairkit.models.digit_classifier()
    found = architecture_of(model)
    assert found["parameters"] == model.count_params() and len(found["layers"]) == len(model.layers)
    assert sum(layer["parameters"] for layer in found["layers"]) == model.count_params()
    assert found["layers"][-1]["output"] == "(any, 10)" and architecture_of(lambda x: x) == {}


def test_settings_curves_and_layers_are_told(evaluations):
    report = evaluations[0].report(model=fairkit.models.digit_classifier(), history={"loss": [0.9, 0.25]})
    section = report.content.section("training")
    tables = {part.title: part for part in section.parts if part.kind == "table"}
    assert tables["Training history"].rows == (("loss", "0.9", "0.25"),) and "Layers" in tables
    [picture] = [part for part in section.parts if part.kind == "picture"]
    assert "Training curves" in picture.alt and picture.png[:4] == b"\x89PNG"


def test_a_remediation_reports_with_its_evaluations(evaluations):
    from fairkit.remediation.remediating import Remediation

    fixed = Remediation(fairkit.models.digit_classifier(), {"loss": [0.9, 0.25], "min_diff_loss": [0.2, 0.1]},
                        {"method": "min_diff", "loss_weight": 2.5, "warm_start": False})
    report = fixed.report(*evaluations, pictures="none", board=False)
    facts = {name: text for part in report.content.section("training").parts if part.kind == "facts"
             for name, text in part.rows}
    assert facts["loss weight"] == "2.5" and facts["warm start"] == "no" and "parameters" in facts["architecture"]
    comparison = fairkit.compare(*evaluations)
    assert fixed.report(comparison, pictures="none", board=False).text == comparison.report(
        pictures="none", board=False).text
