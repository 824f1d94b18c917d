import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit import Examples, FairkitError


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    groups = {"color": rng.choice(["b_X_lue", 'o"range', "日本"], 200), "religion": [["a", "b"], None] * 100}
    examples = Examples(labels=rng.integers(0, 3, 200), groups=groups, weights=rng.random(200))
    return fairkit.evaluate(rng.dirichlet(np.ones(3), 200), examples, ["color", {"religion": "a"}], [0.25, 0.5], [1, 2])


@pytest.fixture(scope="module")
def folder(evaluation, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "saved"
    evaluation.save(path)
    return path


def test_it_comes_back_as_it_was(evaluation, folder):
    loaded = fairkit.load_evaluation(folder)
    pd.testing.assert_frame_equal(loaded.frame, evaluation.frame)
    assert loaded.slices == evaluation.slices and loaded.thresholds == evaluation.thresholds
    pd.testing.assert_frame_equal(loaded.gaps("recall"), evaluation.gaps("recall"))
    assert fairkit.compare(evaluation, loaded).paired


def test_tfma_reads_its_part(evaluation, folder):
    from fairkit.quiet import tfma

    result = tfma.load_eval_result(str(folder))
    overall = next(metrics for key, metrics in result.slicing_metrics if key == ())
    value = overall[""]["classId:1"]["fairness_indicators_metrics/recall@0.25"]
    assert value["boundedValue"]["value"] == evaluation.value("recall", threshold=0.25, class_id=1)
    assert {key for key, _ in result.slicing_metrics} == set(evaluation.keys)


def test_every_way_of_tfma_to_read_a_folder(evaluation, folder):
    from tensorflow_model_analysis.api import model_eval_lib

    assert len(list(model_eval_lib.load_metrics(str(folder)))) == len(evaluation.keys)
    [result] = model_eval_lib.load_eval_results(str(folder)).get_results()
    assert {key for key, _ in result.slicing_metrics} == set(evaluation.keys)
    assert model_eval_lib.load_validation_result(str(folder)).missing_thresholds
    assert list(model_eval_lib.load_plots(str(folder))) == []


def test_what_was_saved_before_does_not_linger(evaluation, tmp_path):
    from fairkit.evaluation.tfma.result import load_tfma

    folder = tmp_path / "saved"
    evaluation.save(folder)
    examples = Examples(labels=[0, 1], groups={})
    chunks = [fairkit.Predictions(examples.labels, np.array([0.2, 0.9]), examples.groups)]
    fairkit.evaluate(chunks, thresholds=[0.5]).save(folder)
    loaded = fairkit.load_evaluation(folder)
    assert loaded.predictions is None and loaded.examples == 2
    assert not (folder / "predictions.parquet").exists()
    with pytest.raises(FairkitError, match="no TFMA result.*cells.npz"):
        load_tfma(folder).save(folder)
    load_tfma(folder).save(tmp_path / "alone")
    assert fairkit.load_evaluation(tmp_path / "alone").value("example_count") == 2


def test_nothing_of_anyone_elses_is_replaced(evaluation, tmp_path):
    folder = tmp_path / "mine"
    evaluation.save(folder)
    (folder / "thesis.tex").write_text("precious")
    with pytest.raises(FairkitError, match="which would be lost.*'thesis.tex'"):
        evaluation.save(folder)
    (folder / "thesis.tex").unlink()
    (folder / "evaluation").mkdir()
    with pytest.raises(FairkitError, match="which would be lost.*'evaluation'"):
        evaluation.save(folder)
    (folder / "evaluation").rmdir()
    evaluation.save(folder)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "run.json").write_text('{"format": 1, "mine": true}')
    with pytest.raises(FairkitError, match="which would be lost"):
        evaluation.save(foreign)
    assert (foreign / "run.json").read_text() == '{"format": 1, "mine": true}'


def test_only_the_owner_can_read_it(folder):
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_no_evaluation_is_refused(folder, tmp_path):
    with pytest.raises(FairkitError, match="there is no evaluation here"):
        fairkit.load_evaluation(tmp_path)
    (tmp_path / "cells.npz").write_bytes((folder / "cells.npz").read_bytes())
    with pytest.raises(FairkitError, match="cells.npz does not belong to a result of fairkit here"):
        fairkit.load_evaluation(tmp_path)


@pytest.mark.parametrize("folder", [5, None, ["runs/before"]])
def test_what_is_not_a_path_is_refused(folder):
    with pytest.raises(FairkitError, match="an evaluation is read from a folder. Expected: its path"):
        fairkit.load_evaluation(folder)
