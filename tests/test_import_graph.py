"""Who may know whom, as the design has it, read from the source."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "fairkit"
GROUND = {"arguments", "batches", "column_names", "containers", "encoding", "errors", "examples", "folders", "formats",
          "group_values", "groups", "handed_out", "input_columns", "inputs", "labels", "lazy", "lazy_rows",
          "numeric_groups", "predictions", "quiet", "storage", "tables", "texts"}
MAY_KNOW = {
    "counts": set(),
    "analysis": GROUND | {"counts"},
    "data": GROUND | {"analysis"},
    "models": GROUND,
    "bias": GROUND | {"counts"},
    "evaluation": GROUND | {"counts"},
    "remediation": GROUND | {"models", "evaluation", "counts", "analysis"},
    "view": GROUND | {"analysis", "bias", "counts", "data", "models", "evaluation", "remediation"},
    "cli": GROUND | {"analysis", "bias", "counts", "data", "models", "evaluation", "remediation", "view"},
    # The ground knows itself, and the loading of models inside a function.
    **dict.fromkeys(GROUND, GROUND),
}
INSIDE_FUNCTIONS = {"analysis": {"view"}, "bias": {"models", "view"}, "evaluation": {"models", "view"},
                    "examples": {"models"}, "predictions": {"models"}, "remediation": {"data", "view"}}


def imports(tree, everywhere):
    """The fairkit rooms that a module imports: at its top level only, or everywhere."""
    nodes = ast.walk(tree) if everywhere else tree.body
    for node in nodes:
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "fairkit" else [f"fairkit.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("fairkit."))


def room(path):
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem[:2] != "__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_knows_only_whom_it_may(path):
    tree, here = ast.parse(path.read_text("utf-8")), room(path)
    allowed = MAY_KNOW[here] | {here}
    assert set(imports(tree, everywhere=False)) <= allowed
    assert set(imports(tree, everywhere=True)) <= allowed | INSIDE_FUNCTIONS.get(here, set())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_pickled(path):
    text = path.read_text("utf-8")
    assert "import pickle" not in text and "import dill" not in text and "allow_pickle=True" not in text
