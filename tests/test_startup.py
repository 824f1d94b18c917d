"""What is loaded, and what is not, in a fresh interpreter."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("tensorflow", "keras", "pandas", "apache_beam", "tensorflow_model_analysis", "matplotlib", "pyarrow")


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", [
    "import fairkit",
    "import fairkit.cli\ntry: fairkit.cli.main(['--help'])\nexcept SystemExit: pass",
], ids=["import fairkit", "fairkit --help"])
def test_nothing_heavy_is_loaded_before_it_is_needed(code):
    done = run(f"{code}\nimport sys\nloaded = [m for m in {HEAVY} if m in sys.modules]\nassert not loaded, loaded")
    assert done.returncode == 0, done.stderr


def test_tensorflow_starts_without_chatter():
    done = run("from fairkit.quiet import tf, keras, tfma\n"
               "import fairkit\nmodel = fairkit.models.digit_classifier()\nmodel(tf.zeros((1, 28, 28, 3)))")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and done.stdout == ""


def test_what_goes_wrong_while_importing_is_shown():
    done = run("import fairkit.quiet as q\nimport os\ntry:\n with q.silence():\n  os.write(2, b'the reason'); 1 / 0\n"
               "except ZeroDivisionError: pass")
    assert done.stderr == "the reason"


@pytest.mark.parametrize("name", ["fairkit", *(f"fairkit.{room}" for room in (
    "analysis", "bias", "data", "models", "evaluation", "remediation", "view"))])
def test_every_public_name_is_there_and_typed(name):
    package = importlib.import_module(name)
    stub = ast.parse((Path(package.__file__).parent / "__init__.pyi").read_text())
    typed = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == set(package.__all__) == set(dir(package))
    for public in package.__all__:
        assert getattr(package, public) is not None
    with pytest.raises(AttributeError, match="no attribute 'evaluat'"):
        package.evaluat  # noqa: B018
