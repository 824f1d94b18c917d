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


def test_the_layout_of_before_is_read_and_replaced(evaluation, tmp_path):
    from fairkit.evaluation.tfma.format import files_of

    evaluation.save(tmp_path)
    (tmp_path / "evaluation").mkdir()
    for name in files_of(tmp_path):
        (tmp_path / name).rename(tmp_path / "evaluation" / name)
    (tmp_path / "notes.txt").write_text("mine")
    pd.testing.assert_frame_equal(fairkit.load_evaluation(tmp_path).frame, evaluation.frame)
    evaluation.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"cells.npz", "predictions.parquet", "notes.txt",
                                                          *files_of(tmp_path)}
    assert len(files_of(tmp_path)) == 5


def test_what_was_saved_before_does_not_linger(evaluation, tmp_path):
    evaluation.save(tmp_path)
    examples = Examples(labels=[0, 1], groups={})
    chunks = [fairkit.Predictions(examples.labels, np.array([0.2, 0.9]), examples.groups)]
    fairkit.evaluate(chunks, thresholds=[0.5]).save(tmp_path)
    loaded = fairkit.load_evaluation(tmp_path)
    assert loaded.predictions is None and loaded.examples == 2
    from fairkit.evaluation.tfma.result import load_tfma
    with pytest.raises(FairkitError, match="holds the counts of another evaluation"):
        load_tfma(tmp_path).save(tmp_path)
    load_tfma(tmp_path).save(tmp_path / "alone")
    assert fairkit.load_evaluation(tmp_path / "alone").value("example_count") == 2


def test_only_the_owner_can_read_it(folder):
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_no_evaluation_is_refused(folder, tmp_path):
    with pytest.raises(FairkitError, match="there is no evaluation here"):
        fairkit.load_evaluation(tmp_path)
    (tmp_path / "cells.npz").write_bytes((folder / "cells.npz").read_bytes()[:500])
    with pytest.raises(FairkitError, match="these cells cannot be read"):
        fairkit.load_evaluation(tmp_path)


def test_cells_without_an_array_say_what_is_missing(tmp_path):
    examples = fairkit.Examples(labels=[0, 1], groups={})
    fairkit.evaluate([0.2, 0.9], examples).save(tmp_path / "run")
    with np.load(tmp_path / "run" / "cells.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files if name != "score_keys"}
    np.savez(tmp_path / "run" / "cells.npz", **arrays)
    with pytest.raises(fairkit.FairkitError, match="incomplete.*no score_keys"):
        fairkit.load_evaluation(tmp_path / "run")


@pytest.mark.parametrize("folder", [5, None, ["runs/before"]])
def test_what_is_not_a_path_is_refused(folder):
    with pytest.raises(FairkitError, match="an evaluation is read from a folder. Expected: its path"):
        fairkit.load_evaluation(folder)
