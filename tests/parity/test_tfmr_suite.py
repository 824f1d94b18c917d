"""TFMR's own tests pass against fairkit's classes, but for those that the docs list with a reason."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT, SCRIPT = Path(__file__).parents[2], Path(__file__).with_name("tfmr_suite.py")
CHECKOUT = "TFMR_CHECKOUT"   # the environment variable that names a checkout of tensorflow/model-remediation

PASSING = """
import tensorflow as tf
from tensorflow_model_remediation.min_diff import losses
class LossTest(tf.test.TestCase):
  def testName(self):
    self.assertEqual(losses.MMDLoss().name, "mmd_loss")
    self.assertIn("fairkit", losses.MMDLoss.__module__)
  def testRefused(self):
    with self.assertRaisesRegex(ValueError, "in the words of TFMR"):
      losses.MMDLoss("no kernel")
"""
FAILING = PASSING.replace('"mmd_loss"', '"another"')
NOT_REFUSED = PASSING.replace('"no kernel"', '"laplacian"')
OTHER_ERROR = PASSING.replace('losses.MMDLoss("no kernel")', 'raise ValueError("in other words")')


_spec = importlib.util.spec_from_file_location("tfmr_suite", SCRIPT)
tfmr_suite = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tfmr_suite)


def run(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=1500,
                          env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"})
    return done.returncode, done.stdout, done.stderr


def test_the_suite_passes_but_for_what_is_listed():
    folder = os.environ.get(CHECKOUT)
    if folder is None and tfmr_suite.find_package() is None:
        pytest.skip(f"what is installed of TFMR holds no tests, and {CHECKOUT} names no checkout")
    code, told, errors = run(*([folder] if folder else []))
    assert code == 0, told[-3000:] + errors[-1000:]
    summary = told.strip().splitlines()[-1]
    assert f"{len(tfmr_suite.DIFFERENCES)} differ as listed, 0 fail, 0 are listed and pass" in summary


def test_the_docs_list_every_difference_with_its_reason():
    assert tfmr_suite.as_markdown() in (ROOT / "docs" / "tfmr_tests.md").read_text("utf-8")


def test_every_reason_is_one_of_three_kinds():
    for reason in tfmr_suite.REASONS:
        assert reason.startswith(("private helper", "Keras 2", "difference"))
    assert len(tfmr_suite.DIFFERENCES) == sum(map(len, tfmr_suite.REASONS.values()))


@pytest.mark.parametrize("text, code, told", [
    (PASSING, 0, "2 pass, 0 differ as listed, 0 fail"), (FAILING, 1, "FAILED min_diff/losses/x_test.py::LossTest.test"),
    (NOT_REFUSED, 1, "nothing was refused"), (OTHER_ERROR, 1, "does not say in the words of TFMR")])
def test_the_script_fails_where_a_test_does(text, code, told, tmp_path):
    file = tmp_path / "tensorflow_model_remediation" / "min_diff" / "losses" / "x_test.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    found, said, _ = run(str(tmp_path))
    assert found == code and told in said


def test_the_script_fails_where_a_listed_difference_is_none(tmp_path):
    test = next(test for test in tfmr_suite.DIFFERENCES if "testTransform" not in test and "MinDiffModelTest" in test)
    file, _, name = test.partition("::")
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(PASSING.replace("LossTest", name.partition(".")[0]).replace("testName", name.partition(".")[2]))
    code, told, _ = run(str(tmp_path))
    assert code == 1 and f"PASSES though it is listed as a difference: {test}" in told


def test_a_folder_without_tests_is_refused(tmp_path):
    code, _, errors = run(str(tmp_path))
    assert code == 2 and "no tests of tensorflow_model_remediation" in errors
