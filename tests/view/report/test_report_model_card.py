"""The model card, read by huggingface_hub as Hugging Face reads it."""

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results

import fairkit


@pytest.fixture(scope="module")
def card(two_models):
    return ModelCard(two_models.model_card(name="tin-sorter: v2", license="apache-2.0", language=["en"],
                                           intended_use="To sort *tins*.", tags=["tins"]))


def test_the_head_says_what_it_is(card):
    data = card.data
    assert data.library_name == "keras" and data.license == "apache-2.0" and data.language == ["en"]
    assert {"keras", "fairness", "tins"} <= set(data.tags) and data.model_name == "tin-sorter: v2"
    assert data.metrics == ["accuracy", "roc_auc", "false_positive_rate"]


def test_the_results_are_the_last_models_at_its_threshold(card, two_models, judged, negatives):
    import numpy as np

    found = {(r.metric_type, r.metric_name): r for r in card.data.eval_results}
    threshold = two_models.subject.thresholds_of[-1]
    color = np.array(judged[0].groups["color"].to_list())
    hits, n = negatives("after", threshold, color == "orange")
    [name] = [name for kind, name in found if name.endswith("color orange")]
    result = found["false_positive_rate", name]
    assert result.metric_value == pytest.approx(hits / n, abs=1e-6)
    assert f"at threshold {threshold:.4g}" in name and result.metric_args["lower"] < hits / n
    _, after = two_models.subject.models
    assert found["accuracy", "Accuracy"].metric_value == pytest.approx(after.evaluation.value("accuracy"), abs=1e-6)
    assert {r.dataset_name for r in card.data.eval_results} == {"tins.csv"}
    assert {r.dataset_split for r in card.data.eval_results} == {"test"}


def test_the_head_alone_is_valid_too(two_models):
    head = yaml.safe_load(two_models.model_card().split("---\n")[1])
    assert "license" not in head and "language" not in head   # nobody said
    name, results = model_index_to_eval_results(head["model-index"])
    assert name == "MinDiff" and len(results) == 7   # accuracy, AUC, overall, two colours, two shapes
    assert not any("star" in metric["name"] for metric in head["model-index"][0]["results"][0]["metrics"])


def test_the_body_has_the_sections_of_a_card_and_says_what_is_not_stated(card):
    titles = [line for line in card.text.splitlines() if line.startswith("#")]
    assert [title for title in titles if title.startswith("## ")] == [
        "## Model Details", "## Uses", "## Bias, Risks, and Limitations", "## Fairness", "## Training Details",
        "## Evaluation", "## Environment"]
    assert titles[0] == "# Model Card for tin-sorter: v2" and "### Training Data" in titles
    assert "To sort *tins*." in card.text and "Not stated" in card.text
    assert "Good tins with color orange are flagged as bad" in card.text


def test_known_data_are_named(evaluations):
    report = evaluations[0].report(about=[{"data": {"data": "comments", "seed": 0}}], pictures="none", board=False)
    [result, *_] = ModelCard(report.model_card()).data.eval_results
    assert result.task_type == "text-classification" and result.dataset_type == "generated-comments-fairkit"


def test_a_training_alone_is_no_model_card():
    from fairkit.remediation.remediating import Remediation

    report = Remediation(None, {"loss": [1.0, 0.5]}, {"method": "min_diff"}).report()
    assert "nothing is said on gaps" in report.text and "min_diff" in report.markdown.replace("\\", "")
    with pytest.raises(fairkit.FairkitError, match="a model card needs results"):
        report.model_card()
