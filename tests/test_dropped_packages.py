"""What the lock leaves out is imported by nothing that fairkit does, and what it pins has its hashes."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.once   # it takes long, and is the same on every Python
ROOT = Path(__file__).parents[1]
# The modules of the distributions that [tool.uv] overrides.
MODULES = ("apitools", "google.cloud", "google_auth_httplib2", "googleapiclient", "keyrings", "oauth2client", "pg8000",
           "pymysql", "pytds", "tensorflow_data_validation", "tensorflow_estimator", "witwidget")

ROOMS = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(tuple(sys.argv[1:])):
            raise ModuleNotFoundError(f"{name} is left out of the lock", name=name)

sys.meta_path.insert(0, Blocked())
import fairkit
for module in pkgutil.walk_packages(fairkit.__path__, "fairkit."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
import tensorflow_datasets
from fairkit.quiet import tfma
examples = fairkit.Examples(labels=[0, 1] * 8, groups={"g": ["a", "b"] * 8})
counted = fairkit.evaluate([0.2, 0.9] * 8, examples, ["g"], [0.5])
by_tfma = fairkit.evaluate([0.2, 0.9] * 8, examples, ["g"], [0.5], engine="tfma")
assert by_tfma.value("accuracy", threshold=None) == counted.value("accuracy") == 1.0
frame = __import__("pandas").DataFrame({"label": [0, 1], "scores": [0.2, 0.9], "g": ["a", "b"]})
frame.to_parquet("scored.parquet")
from fairkit.evaluation.beam import evaluate_on_beam
assert evaluate_on_beam("scored.parquet", slices=["g"], thresholds=[0.5]).value("accuracy") == 1.0
"""


def test_every_room_does_without_what_is_left_out(tmp_path):
    done = subprocess.run([sys.executable, "-c", ROOMS, *MODULES], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_lock_has_a_hash_of_each_file_and_nothing_that_is_left_out():
    left_out = {override.split()[0] for override in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"][
        "override-dependencies"]}
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.split(r"\n(?=[a-z0-9])", lock)[1:]
    assert len(pins) > 150 and all("--hash=sha256:" in pin for pin in pins)
    assert not left_out & {pin.split("==")[0] for pin in pins} - {"tensorflow-data-validation", "witwidget"}
    assert {module.replace("_", "-") for module in ("tensorflow_data_validation", "tensorflow_estimator")} <= left_out
    assert "--require-hashes" in (ROOT / "scripts" / "setup.sh").read_text()
