"""The reference library of the bias metrics, in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).with_name("smclarify_requirements.txt")
ENVIRONMENT = ROOT / ".venv-smclarify"
collect_ignore = ["smclarify_metrics.py"]   # it runs in that environment, and imports what is only there


class Reference:
    """smclarify in a process that answers one data set after another."""

    def __init__(self, python):
        self.process = subprocess.Popen([python, Path(__file__).with_name("smclarify_metrics.py")], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, **asked):
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["answer"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def installed():
    """The Python of the environment, made if it is not there or its packages have changed."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "requirements.txt"
    wanted = f"{sys.version_info[:2]}\n{REQUIREMENTS.read_text()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    scratch = Path(tempfile.mkdtemp(prefix=".venv-smclarify-", dir=ROOT))
    try:
        packages = ["--no-deps", "-q", "-r", str(REQUIREMENTS)]
        uv = [sys.executable, "-m", "uv"]
        if subprocess.run([*uv, "--version"], capture_output=True).returncode == 0:
            run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(scratch)])
            run([*uv, "pip", "install", "--python", str(scratch / "bin" / "python"), *packages])
        else:
            run([sys.executable, "-m", "venv", str(scratch)])
            run([str(scratch / "bin" / "python"), "-m", "pip", "install", *packages])
        (scratch / "requirements.txt").write_text(wanted)
        if ENVIRONMENT.exists() and not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(ENVIRONMENT)
        if not ENVIRONMENT.exists():  # another test process may have been quicker
            os.replace(scratch, ENVIRONMENT)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return python


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(done.stderr.strip()[-2000:])


@pytest.fixture(scope="session")
def smclarify():
    """Asks smclarify 0.5. Without a package index the test is skipped, or fails where FAIRKIT_REQUIRE_BROWSER=1 or CI
    is set."""
    try:
        python = installed()
    except OSError as error:
        said = f"smclarify cannot be installed from {REQUIREMENTS.name}: {error}"
        if os.environ.get("FAIRKIT_REQUIRE_BROWSER") == "1" or os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    reference = Reference(python)
    yield reference
    reference.close()
