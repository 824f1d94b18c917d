"""Runs the notebooks in real kernels, each once a session, and reads their outputs."""

import contextlib
import fcntl
import hashlib
import json
import os
import sys
import time
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATIENCE = 600   # seconds a cell
TOOK = "notebook and seconds"


@pytest.fixture(scope="session")
def run_notebook(request, tmp_path_factory):
    """run(name, replace={"old": "new"}) -> notebooks/<name>.ipynb, executed in a folder of its own.

    The kernel is this Python. `replace` changes sources of code cells, and each old text must be there. A test module
    that wants to know variables of a notebook says NOTEBOOK = name and ASKED = code, which runs as one more cell at the
    end, with the tag "asked", so that the notebook need not run again.
    """
    modules = {getattr(item, "module", None) for item in request.session.items}
    asked = {module.NOTEBOOK: module.ASKED for module in modules if hasattr(module, "NOTEBOOK")}
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:   # other workers ask for the same notebooks
        shared = shared.parent

    def run(name, replace=None):
        key = hashlib.sha256(json.dumps([name, replace or {}], sort_keys=True).encode()).hexdigest()[:16]
        done = shared / f"executed_{key}.ipynb"
        with locked(done.with_suffix(".lock")):
            if not done.exists():
                notebook = changed(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4), replace or {})
                if name in asked:
                    notebook.cells.append(nbformat.v4.new_code_cell(asked[name], metadata={"tags": ["asked"]}))
                started = time.monotonic()
                notebook = execute(notebook, tmp_path_factory.mktemp(name))
                notebook.metadata["seconds"] = round(time.monotonic() - started)
                nbformat.write(notebook, done)
        return nbformat.read(done, as_version=4)

    return run


@pytest.fixture(scope="module")
def notebook(request, run_notebook):
    """The notebook that a test module names, NOTEBOOK, executed."""
    return run_notebook(request.module.NOTEBOOK)


@pytest.fixture(scope="module")
def told(request, notebook, outputs_of):
    """What the cell of ASKED printed, as the module's class Told reads it."""
    return request.module.Told(outputs_of(notebook, "asked")[0])


@contextlib.contextmanager
def locked(path):
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def changed(notebook, replace):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for old, new in replace.items():
        assert any(old in cell.source for cell in code), f"no cell has {old!r}"
        for cell in code:
            cell.source = cell.source.replace(old, new)
    return notebook


def execute(notebook, folder):
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    kernels, work = folder / "kernels", folder / "work"
    (kernels / "python3").mkdir(parents=True)
    work.mkdir()
    (kernels / "python3" / "kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3", "language": "python"}))
    manager = AsyncKernelManager(kernel_name="python3",
                                 kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernels)]))
    client = NotebookClient(notebook, km=manager, timeout=PATIENCE, resources={"metadata": {"path": str(work)}})
    return client.execute(env={**os.environ, "IPYTHONDIR": str(folder / "ipython")})


@pytest.fixture(scope="session")
def cell_of():
    """find(notebook, text) -> the only cell that bears the tag `text`, or the only code cell whose source has it."""
    def find(notebook, text):
        tagged = [cell for cell in notebook.cells if text in cell.metadata.get("tags", [])]
        [cell] = tagged or [cell for cell in notebook.cells if cell.cell_type == "code" and text in cell.source]
        return cell

    return find


@pytest.fixture(scope="session")
def outputs_of(cell_of):
    """outputs(notebook, text, mime="text/plain") -> what that cell shows as `mime`, in order.

    What is printed counts as text/plain; images are base64, as in the notebook.
    """
    def outputs(notebook, text, mime="text/plain"):
        found = []
        for output in cell_of(notebook, text).outputs:
            if mime in output.get("data", {}):
                found.append(output.data[mime])
            elif mime == "text/plain" and output.output_type == "stream" and output.name == "stdout":
                found.append(output.text)
        return found

    return outputs


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for what, value in report.user_properties:
            if what == TOOK and report.when == "call":
                terminalreporter.write_line(value)
