"""What a TFMA EvalConfig asks for, read from all the forms in which TFMA users keep one."""

import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairkit
from fairkit.evaluation.tfma.config import eval_config
from fairkit.evaluation.tfma.metrics import config_protos
from fairkit.evaluation.tfma.request import read_config, spec_of

TEXT = """
model_specs { label_key: "toxic" prediction_key: "score" example_weight_key: "often" }
slicing_specs { }
slicing_specs { feature_keys: ["religion", "gender"] }
slicing_specs { feature_values { key: "religion" value: "muslim" } }
slicing_specs { feature_keys: "gender" feature_values { key: "religion" value: "muslim" } }
metrics_specs {
  binarize { class_ids { values: [8, 3] } }
  metrics { class_name: "FairnessIndicators" config: '"thresholds": [0.5, 0.1]' }
  metrics { class_name: "Precision" config: '{"thresholds": 0.7}' }
  metrics { class_name: "AUC" config: '{"num_thresholds": 10000}' }
  metrics { class_name: "Calibration" }
}
metrics_specs { metrics { class_name: "ExampleCount" } example_weights { unweighted: true } }
options { compute_confidence_intervals { value: true } min_slice_size { value: 30 } }
"""


def forms(tmp_path):
    from google.protobuf import json_format, text_format

    protos = config_protos()
    config = text_format.Parse(TEXT, protos.EvalConfig())
    run = protos.EvalRun(eval_config=config, version="0.52.0")
    paths = {}
    for name, text in (("config.pbtxt", TEXT), ("config.json", json_format.MessageToJson(config)),
                       ("eval_config.json", json_format.MessageToJson(run))):
        paths[name] = tmp_path / name
        paths[name].write_text(text)
    return [config, run, TEXT, json_format.MessageToJson(config), json_format.MessageToDict(run), *paths.values(),
            str(paths["config.json"]), tmp_path]


def test_every_form_of_a_config_is_read_alike(tmp_path):
    for form in forms(tmp_path):
        request = read_config(form)
        assert request.slices == [(), ("religion", "gender"), {"religion": "muslim"},
                                  {"gender": None, "religion": "muslim"}]
        assert (request.thresholds, request.classes) == ([0.1, 0.5, 0.7], [3, 8])
        assert (request.label, request.prediction, request.weight) == ("toxic", "score", "often")
        assert (request.intervals, request.min_examples, request.not_counted) == ("jackknife", 30, ())
        assert {"recall", "precision", "auc", "calibration", "example_count"} <= set(request.metrics)
        request.require_counted()


def test_its_slices_are_those_of_evaluate():
    examples = fairkit.Examples(labels=[0, 1, 1, 0], groups={
        "religion": [["muslim", "jewish"], "muslim", None, "jewish"], "gender": ["f", "m", "f", "m"]})
    evaluation = fairkit.evaluate([0.1, 0.9, 0.6, 0.6], examples, slices=read_config(TEXT).slices, thresholds=[0.5])
    assert {"Overall", "religion:muslim", "gender_X_religion:f_X_jewish"} <= set(evaluation.frame["slice"])
    assert "religion:jewish" not in set(evaluation.frame["slice"])


def test_what_fairkit_writes_is_counted_throughout(tmp_path):
    examples = fairkit.Examples(labels=[0, 1, 2, 1], groups={"color": list("abab")}, weights=[1, 2, 3, 4])
    scores = [[0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.6, 0.2, 0.2]]
    fairkit.evaluate(scores, examples, slices=["color"], thresholds=[0.25, 0.5], classes=[1, 2]).save(tmp_path)
    request = read_config(tmp_path)
    assert (request.not_counted, request.thresholds, request.classes) == ((), [0.25, 0.5], [1, 2])
    assert request.slices == [(), "color"]


@pytest.mark.parametrize("metric, names, thresholds", [
    ('class_name: "FairnessIndicators"', 10, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
    ('class_name: "Recall"', ("recall",), [0.5]),
    ('class_name: "FPR" config: \'{"thresholds": [0.2]}\'', ("false_positive_rate",), [0.2]),
    ('class_name: "F1Score" config: \'"thresholds": [0.2, 0.3], "name": "f"\'', ("f1_score",), [0.2, 0.3]),
    ('class_name: "BinaryAccuracy" config: \'{"threshold": 0.5}\'', ("accuracy",), None),
    ('class_name: "SparseCategoricalAccuracy" config: \'{"dtype": "float64"}\'', ("accuracy",), None),
    ('class_name: "AUC" config: \'{"curve": "ROC"}\'', ("auc",), None),
    ('class_name: "MeanPrediction"', ("mean_prediction",), None),
])
def test_metrics_that_fairkit_counts(metric, names, thresholds):
    request = read_config(f"metrics_specs {{ metrics {{ {metric} }} }}")
    assert request.not_counted == () and request.thresholds == thresholds
    assert (len(request.metrics) if isinstance(names, int) else request.metrics) == names


@pytest.mark.parametrize("text, named", [
    ('metrics_specs { metrics { class_name: "MeanAbsoluteError" } }', "MeanAbsoluteError"),
    ('metrics_specs { metrics { class_name: "ConfusionMatrixPlot" } }', "ConfusionMatrixPlot"),
    ('metrics_specs { metrics { class_name: "AUC" config: \'"curve": "PR"\' } }', "AUC (curve='PR')"),
    ('metrics_specs { metrics { class_name: "Precision" config: \'"top_k": 2\' } }', "Precision (top_k=2)"),
    ('metrics_specs { metrics { class_name: "Precision" config: \'"thresholds": [-1]\' } }',
     "Precision (thresholds=[-1])"),
    ('metrics_specs { metrics { class_name: "BinaryAccuracy" config: \'"threshold": 0.3\' } }',
     "BinaryAccuracy (threshold=0.3)"),
    ('metrics_specs { binarize { class_ids { values: 1 } } metrics { class_name: "BinaryAccuracy" } }',
     "BinaryAccuracy of single classes"),
    ('metrics_specs { binarize { top_k_list { values: 2 } } }', "metrics_specs.binarize.top_k_list"),
    ('metrics_specs { aggregate { macro_average: true } }', "metrics_specs.aggregate.macro_average"),
    ('metrics_specs { query_key: "q" }', "metrics_specs.query_key"),
    ('metrics_specs { output_names: "o" }', "metrics_specs.output_names"),
    ('metrics_specs { metrics { class_name: "FPR" config: \'"thresholds": [0.1, 0.2]\' '
     'threshold { value_threshold { lower_bound { value: 1 } } } } }', "validation thresholds of FPR at 2 thresholds"),
    ('model_specs { example_weight_key: "w" } metrics_specs { metrics { class_name: "AUC" } '
     'example_weights { unweighted: true } }', "unweighted AUC"),
    ('model_specs { name: "a" } model_specs { name: "b" }', "several models: 'a', 'b'"),
    ('model_specs { label_keys { key: "o" value: "l" } }', "model_specs.label_keys"),
    ('slicing_specs { slice_keys_sql: "SELECT 1" }', "slicing_specs.slice_keys_sql"),
])
def test_what_is_not_counted_is_named_with_the_way_out(text, named):
    request = read_config(text)
    assert request.not_counted == (named,)
    with pytest.raises(fairkit.FairkitError) as caught:
        request.require_counted()
    assert named in str(caught.value)
    # The engine is named where it does run the config, and nowhere else: see tests/evaluation/test_tfma_fields.py.
    assert ("engine='tfma'" in str(caught.value)) == (named not in request.not_run)


@pytest.mark.parametrize("config, match", [
    ("slicing_specs {\n  feature_key: 'a'\n}", r"\"feature_key: 'a'\" \(2:3.*no field named \"feature_key\""),
    ('{"slicingSpecs": [{"featureKey": "a"}]}', 'no field named "featureKey"'),
    ('{"slicingSpecs": [\n', "is no EvalConfig of TFMA.*JSON"),
    ('{"slicingSpecs": 3}', "is no EvalConfig"),
    ("metrics_specs { metrics { class_name: 'AUC' config: 'curve PR' } }", "config of metric 'AUC'.*'curve PR'"),
    ("metrics_specs { metrics { class_name: 'AUC' config: '[1]' } }", "config of metric 'AUC'"),
    ("nowhere.pbtxt", "no TFMA configuration 'nowhere.pbtxt'"),
    ("", "no TFMA configuration ''"),
    (7, "no TFMA configuration.*int"),
    ("slicing_specs { feature_keys: 'a' feature_values { key: 'a' value: '1' } }", "'a' both with a value and without"),
])
def test_what_is_no_config_is_refused_and_quoted(config, match):
    with pytest.raises(fairkit.FairkitError, match=match) as caught:
        read_config(config)
    assert "\n" not in str(caught.value)


def test_a_binary_file_is_no_config(tmp_path):
    (tmp_path / "config").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(fairkit.FairkitError, match="cannot be read"):
        read_config(tmp_path / "config")


def test_a_slicing_spec_needs_no_tfma():
    spec = types.SimpleNamespace(feature_keys=["b", "a"], feature_values={"c": "1"})
    assert spec_of(spec) == {"b": None, "a": None, "c": "1"}
    assert spec_of(types.SimpleNamespace(feature_keys=[], feature_values={})) == ()
    assert spec_of(config_protos().SlicingSpec(feature_keys=["a"])) == "a"


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.dictionaries(NAMES, st.none() | NAMES, max_size=3), max_size=4),
       st.sets(st.floats(0, 1), min_size=1, max_size=4), st.none() | st.sets(st.integers(0, 9), min_size=1))
def test_what_is_written_is_read(slices, thresholds, classes):
    request = read_config(eval_config(slices, thresholds, classes and sorted(classes), weight="w"))
    wanted = {frozenset(): None, **{frozenset(slice_.items()): None for slice_ in slices}}
    found = [frozenset((spec if isinstance(spec, dict) else dict.fromkeys([spec] if isinstance(spec, str) else spec)
                        ).items()) for spec in request.slices]
    assert found == list(wanted)
    assert request.thresholds == sorted(thresholds) and request.not_counted == ()
    assert request.classes == (classes and sorted(classes)) and request.weight == "w"
