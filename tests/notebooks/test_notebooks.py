"""What holds for every notebook: clean as committed, few lines a cell, and quiet when it runs."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
MOST_LINES = 8
NUMPY_SCALAR = re.compile(r"\b(np|numpy)\.\w+\(|\bnp\.(True|False)_")
MACHINE = re.compile(r"/(home|root|work|Users|tmp)/|[A-Z]:\\")

pytestmark = pytest.mark.parametrize("name", NAMES)


def as_committed(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_it_is_committed_without_outputs_and_without_a_machine(name):
    notebook = as_committed(name)
    nbformat.validate(notebook)
    assert notebook.nbformat == 4 and notebook.nbformat_minor >= 5
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code_cells(notebook))
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec == {"name": "python3", "display_name": "Python 3", "language": "python"}
    assert set(notebook.metadata.get("language_info", {})) <= {"name"}
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)
    assert not MACHINE.search((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))


def test_its_cells_are_short_and_follow_a_text(name):
    notebook = as_committed(name)
    assert notebook.cells[0].source.startswith("# ")
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert 0 < len(lines) <= MOST_LINES and max(map(len, lines)) <= 120, cell.source
            assert before.cell_type == "markdown", f"no text before\n{cell.source}"
            ends_in_one_thing(cell.source)


def ends_in_one_thing(source):
    """Only the last statement shows something, or none does: what stands above it assigns, imports, or trains."""
    *above, last = ast.parse(source).body
    quiet = (ast.Assign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AugAssign)
    assert isinstance(last, (*quiet, ast.Expr, ast.For, ast.Try)), source
    for statement in above:
        is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        assert isinstance(statement, quiet) or is_call, source


@pytest.mark.slow
@pytest.mark.notebook
def test_it_runs_quietly_and_says_its_pictures_in_words(name, run_notebook, record_property):
    notebook = run_notebook(name)
    record_property("notebook and seconds", f"notebooks/{name}.ipynb ran in {notebook.metadata.seconds} s")
    for cell in code_cells(notebook):
        for output in [] if "asked" in cell.metadata.get("tags", []) else cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", f"{cell.source}\n{output}"
            text = output.get("text", "") + "".join(str(output.get("data", {}).get("text/plain", "")))
            assert "Warning" not in text and " at 0x" not in text, f"{cell.source}\n{text}"
            assert not NUMPY_SCALAR.search(text), f"{cell.source}\n{text}"   # as NumPy 2 writes them
            for picture in re.findall(r"<img\b[^>]*>", str(output.get("data", {}).get("text/html", ""))):
                assert re.search(r'\balt="[^"]{10,}"', picture), f"a picture without words: {picture[:200]}"
