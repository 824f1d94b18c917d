"""The JSON: plain values that hold every figure, the same each time."""

import json
import math

import jsonschema

from fairkit.view import make_report

RATE = {"type": "object", "required": ["value", "lower", "upper", "numerator", "denominator", "note"]}
SCHEMA = {
    "type": "object",
    "required": ["format", "kind", "title", "question", "metric", "threshold", "class", "reference", "models",
                 "headline", "findings", "quality", "got_worse", "warnings", "training", "evaluated", "sections"],
    "properties": {
        "format": {"const": 1}, "kind": {"const": "fairkit report"},
        "findings": {"type": "array", "items": {
            "type": "object", "required": ["slice", "values", "reference", "rate", "reference_rate", "gap", "changes",
                                           "sentence"],
            "properties": {"rate": RATE, "reference_rate": RATE, "gap": {
                "required": ["value", "lower", "upper", "detectable", "p_adjusted", "verdict"],
                "properties": {"verdict": {"enum": ["shown", "not shown", "no interval", "undefined",
                                                    "nothing to compare"]}}}}}},
        "sections": {"type": "array", "items": {
            "required": ["id", "title", "parts"], "properties": {"parts": {"items": {"properties": {
                "kind": {"enum": ["paragraph", "bullets", "facts", "heading", "table", "picture", "embedded"]},
                "rows": {"items": {"type": "array", "items": {"type": "string"}}}}}}}}}},
}


def test_it_is_plain_and_fits_its_schema(two_models):
    found = json.loads(two_models.to_json(), parse_constant=lambda name: 1 / 0)   # no NaN, no Infinity
    assert found == two_models.to_dict()
    jsonschema.validate(found, SCHEMA)


def test_its_figures_are_those_of_the_evaluation_and_the_comparison(two_models, evaluations):
    import fairkit

    found = {finding["slice"]: finding for finding in two_models.to_dict()["findings"]}
    table = evaluations[0].gaps("false_positive_rate", 0.4, {"color": "blue"})
    assert list(found) == table["slice"].tolist()
    rows = fairkit.compare(*evaluations, reference={"color": "blue"}).rows("matched", 0.4).set_index("slice")
    for row in table.itertuples():
        gap, [change] = found[row.slice]["gap"], found[row.slice]["changes"]
        for name, value in (("value", row.gap), ("lower", row.lower), ("upper", row.upper)):
            assert gap[name] == value or (gap[name] is None and math.isnan(value))
        compared = rows.loc[row.slice]
        assert change["verdict"] == compared["gap_verdict"]
        if not math.isnan(compared["gap_change"]):
            assert change["change"] == compared["gap_change"] and change["gap"]["value"] == compared["gap_after"]
            assert change["gap"]["lower"] == compared["gap_after_lower"]


def test_the_same_results_give_the_same_bytes(evaluations):
    made = [make_report(*evaluations, threshold=0.4, reference={"color": "blue"}) for _ in range(2)]
    for form in ("html", "markdown"):
        assert getattr(made[0], form) == getattr(made[1], form)
    assert made[0].to_json() == made[1].to_json() and made[0].model_card() == made[1].model_card()
