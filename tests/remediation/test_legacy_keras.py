import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

pytest.importorskip("tf_keras")


def run(folder, **environment):
    path = folder / "results.json"
    kept = {name: value for name, value in os.environ.items() if name != "TF_USE_LEGACY_KERAS"}
    done = subprocess.run([sys.executable, Path(__file__).with_name("remediated_on_tf_keras.py"), path], timeout=300,
                          capture_output=True, text=True, env=kept | {"CUDA_VISIBLE_DEVICES": "-1"} | environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return run(tmp_path_factory.mktemp("legacy"), TF_USE_LEGACY_KERAS="1")


def test_the_class_is_tfmrs_own(results):
    assert results["by_class"] == {"is_tfmr": True, "metrics": ["loss", "one_min_diff_loss", "two_min_diff_loss"]}


def test_remediate_closes_the_gap_of_a_tf_keras_model(results):
    found = results["by_remediate"]
    assert found["tf_keras"] and found["untouched"] and found["same"] and found["words"]
    assert found["gaps"]["0.0"] > 0.1 and abs(found["gaps"]["5.0"]) < found["gaps"]["0.0"] / 2
    assert found["plain"] == ["accuracy", "loss"]
    assert found["settings"]["method"] == "min_diff" and found["settings"]["learning_rate"] == 0.02


def test_without_the_environment_variable_it_is_asked_for(tmp_path):
    message = run(tmp_path)["refused"]["refused"]
    assert "TF_USE_LEGACY_KERAS=1" in message and "\n" not in message


def test_inputs_and_outputs_of_tf_keras_models(results):
    found = results["by_inputs"]
    assert max(found["off"]) < 1e-6
    assert found["built"] == [["accuracy", "loss"]] * 2
    assert "outputs of a tf_keras model cannot be trained by themselves" in found["refused"]
