"""Each field of TFMA's EvalConfig is honoured, of no effect, or refused by name; each way out is walked."""

import numpy as np
import pytest

import fairkit
from fairkit.evaluation.tfma.fields import FIELDS, HONOURED, known_fields, refused
from fairkit.evaluation.tfma.metrics import config_protos
from fairkit.evaluation.tfma.request import read_config


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 200)
    examples = fairkit.Examples(labels=labels, groups={"color": rng.choice(["blue", "orange"], 200)})
    return (rng.random(200) + labels) / 2, examples


def test_the_table_names_every_field_that_tfma_has():
    assert set(FIELDS) == known_fields(config_protos().EvalConfig.DESCRIPTOR)
    for verdicts in FIELDS.values():
        for verdict in verdicts:
            assert verdict == HONOURED or verdict.split(": ")[0] in ("honoured", "refused", "no effect")
            assert not verdict.startswith("refused") or len(verdict) > 20


SET = {
    "model_specs.label_keys": 'model_specs { label_keys { key: "o" value: "l" } }',
    "model_specs.prediction_keys": 'model_specs { prediction_keys { key: "o" value: "l" } }',
    "model_specs.example_weight_keys": 'model_specs { example_weight_keys { key: "o" value: "l" } }',
    "model_specs.is_baseline": 'model_specs { is_baseline: true }',
    "model_specs.preprocessing_function_names": 'model_specs { preprocessing_function_names: "f" }',
    "slicing_specs.slice_keys_sql": 'slicing_specs { slice_keys_sql: "SELECT 1" }',
    "metrics_specs.output_names": 'metrics_specs { output_names: "o" }',
    "metrics_specs.output_weights": 'metrics_specs { output_weights { key: "o" value: 1 } }',
    "metrics_specs.metrics.threshold.change_threshold":
        'metrics_specs { metrics { class_name: "AUC" threshold { change_threshold { absolute { value: 0.1 } } } } }',
    "metrics_specs.thresholds.change_threshold":
        'metrics_specs { thresholds { key: "auc" value { change_threshold { absolute { value: 0.1 } } } } }',
    "metrics_specs.per_slice_thresholds.thresholds.threshold.change_threshold":
        'metrics_specs { per_slice_thresholds { key: "auc" value { thresholds { slicing_specs { } threshold { '
        'change_threshold { relative { value: 0.1 } } } } } } }',
    "options.disabled_outputs": 'options { disabled_outputs { values: "eval_config.json" } }',
}


@pytest.mark.parametrize("path", SET)
def test_what_is_refused_is_named_with_its_way_out_by_both_engines(scored, path):
    from google.protobuf import text_format

    config = text_format.Parse(SET[path], config_protos().EvalConfig())
    assert list(refused(config, "counts")) == [path]
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError) as caught:
            fairkit.evaluate(*scored, config=SET[path], engine=engine)
        assert path.rpartition(".")[2] in str(caught.value)
        assert "engine='tfma', which runs" not in str(caught.value)


METRIC = 'metrics_specs { metrics { class_name: "FPR" config: \'"thresholds": [0.5]\' } }'


def test_two_models_and_a_change_threshold_lead_to_compare(scored):
    scores, examples = scored
    two = f'model_specs {{ name: "new" }} model_specs {{ name: "old" is_baseline: true }} {METRIC}'
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError, match=r"fairkit\.compare\(before, after\).*several models: 'new', 'o"):
            fairkit.evaluate(scores, examples, config=two, engine=engine)
    before, after = (fairkit.evaluate(s, examples, config=f"{METRIC} slicing_specs {{ feature_keys: 'color' }}")
                     for s in (scores, scores ** 2))
    change = fairkit.compare(before, after, metric="false_positive_rate").rows("unchanged", 0.5)
    blue = change.set_index("slice")["change"]["color:blue"]
    assert blue == pytest.approx(after.value("false_positive_rate", "color:blue", 0.5)
                                 - before.value("false_positive_rate", "color:blue", 0.5))


def test_flips_lead_to_flips(scored):
    config = 'metrics_specs { metrics { class_name: "FlipRate" config: \'"counterfactual_prediction_key": "c"\' } }'
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError, match=r"fairkit\.evaluation\.flips\(model, pairs\).*counterfactuals"):
            fairkit.evaluate(*scored, config=config, engine=engine)
    examples = fairkit.Examples(inputs=np.array(["he is rude", "she is kind"], object), labels=[1, 0], groups={})
    pairs = fairkit.remediation.counterfactuals(examples, {"he": "she", "she": "he"})
    flips = fairkit.evaluation.flips(lambda texts: np.array(["she" in str(t) for t in np.ravel(texts)], float), pairs,
                                     thresholds=[0.5])
    assert flips.frame["value"].max() == 1.0


def test_sql_leads_to_a_group_column(scored):
    scores, examples = scored
    sql = "SELECT STRUCT(color) FROM example.color WHERE color = 'blue'"
    spec = config_protos().SlicingSpec(slice_keys_sql=sql)
    with pytest.raises(fairkit.FairkitError, match="a slice in SQL.*a group column of your own"):
        fairkit.evaluate(scores, examples, slices=[spec])
    age = np.arange(len(examples.labels)) % 40
    mine = fairkit.Examples(labels=examples.labels, groups={"minor": age < 18})
    evaluation = fairkit.evaluate(scores, mine, config=f"{METRIC} slicing_specs {{ feature_keys: 'minor' }}")
    names = [name for name in evaluation.frame["slice"].unique() if name != "Overall"]
    assert len(names) == 2
    flagged = scores[(age < 18) & (examples.labels == 0)] > 0.5
    assert evaluation.value("false_positive_rate", next(n for n in names if n.lower().endswith(("true", "1"))),
                            0.5) == pytest.approx(flagged.mean())


def test_a_custom_metric_of_a_known_name_is_not_taken_for_it():
    request = read_config('metrics_specs { metrics { class_name: "AUC" module: "my.own" } }')
    assert request.not_counted == ("AUC of my.own",) and request.metrics == ()


def test_thresholds_on_an_array_are_refused_before_tfma_stops_at_them(scored):
    config = ('metrics_specs { metrics { class_name: "FPR" config: \'"thresholds": [0.3, 0.5]\' '
              'threshold { value_threshold { upper_bound { value: 0.5 } } } } }')
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError, match=r"a metric for each.*FPR with thresholds \[0.3\] and so on"):
            fairkit.evaluate(*scored, config=config, engine=engine)
    each = "".join(f'metrics {{ class_name: "FPR" config: \'"thresholds": [{t}], "name": "fpr{i}"\' '
                   'threshold { value_threshold { upper_bound { value: 0.5 } } } }' for i, t in enumerate((0.3, 0.5)))
    validation = fairkit.evaluate(*scored, config=f"metrics_specs {{ {each} }}").validation
    assert sorted(validation.frame["metric"]) == ["fpr0", "fpr1"]


def test_columns_lead_to_examples_or_a_file(scored, tmp_path):
    import pandas as pd

    scores, examples = scored
    for engine in ("counts", "tfma"):
        with pytest.raises(fairkit.FairkitError, match=r"label names a column of a f.*Examples\(..., labels=...\)"):
            fairkit.evaluate(scores, examples, label="toxic", engine=engine)
        with pytest.raises(fairkit.FairkitError, match=r"weight names a column of a f.*Examples\(..., weights=...\)"):
            fairkit.evaluate(scores, examples, weight="often", engine=engine)
    weighted = fairkit.Examples(labels=examples.labels, groups={}, weights=np.ones(len(scores)))
    expected = fairkit.evaluate(scores, weighted, thresholds=[0.5]).value("recall", threshold=0.5)
    path = tmp_path / "scored.parquet"
    pd.DataFrame({"toxic": examples.labels, "scores": scores, "score": scores}).to_parquet(path)
    assert fairkit.evaluate(path, label="toxic", thresholds=[0.5]).value("recall", threshold=0.5) == expected
    config = ('model_specs { label_key: "toxic" prediction_key: "score" } '
              'metrics_specs { metrics { class_name: "Recall" } }')
    assert fairkit.evaluate(path, config=config).value("recall", threshold=0.5) == expected


def test_what_a_config_says_is_not_said_beside_it(scored):
    for engine in ("counts", "tfma"):
        for name, value in (("intervals", "jackknife"), ("label", "toxic"), ("weight", "often")):
            with pytest.raises(fairkit.FairkitError, match=f"{name} are given beside a config"):
                fairkit.evaluate(*scored, config=METRIC, engine=engine, **{name: value})


def test_options_of_tfma_lead_to_what_takes_them(scored):
    scores, examples = scored
    for name, value in (("intervals", "jackknife"), ("beam", ["--direct_num_workers=1"])):
        with pytest.raises(fairkit.FairkitError, match=f"{name} is an option of engine='tfma'"):
            fairkit.evaluate(scores, examples, **{name: value})
        evaluation = fairkit.evaluate(scores, examples, thresholds=[0.5], engine="tfma", **{name: value})
        assert evaluation.value("recall", threshold=0.5) == pytest.approx(
            np.mean(scores[examples.labels == 1] > 0.5))
    drawn = fairkit.evaluate(scores, examples, thresholds=[0.5]).bootstrap(replicates=50, seed=0)
    assert "recall" in set(drawn.frame["metric"])


def test_tfma_calls_a_model_itself(scored, tmp_path):
    scores, _ = scored
    with pytest.raises(fairkit.FairkitError, match="TFMA calls the model itself.*fairkit.Examples in place of records"):
        fairkit.evaluate(scores, str(tmp_path / "a.tfrecord"), engine="tfma", from_logits=True)
