"""No NumPy scalar's repr reaches a reader: whatever fairkit quotes goes through `fairkit.errors.quote`."""

import ast
import dataclasses
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit.errors import FairkitError, quote

PACKAGE = Path(__file__).parents[1] / "fairkit"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "errors.py")


@dataclasses.dataclass
class Holder:
    value: object


@pytest.mark.parametrize("scalar, text", [
    (np.float64(0.1), "0.1"), (np.float32(0.1), "0.1"), (np.float16(0.1), "0.1"), (np.float64("nan"), "nan"),
    (np.float64("-inf"), "-inf"), (np.int64(3), "3"), (np.uint8(255), "255"), (np.bool_(True), "True"),
    (np.str_("it's"), '"it\'s"'), (np.bytes_(b"x"), "b'x'"), (np.complex128(1j), "1j"),
    (np.datetime64("2026-01-31"), "'2026-01-31'"), (np.datetime64("NaT"), "'NaT'"),
    (np.timedelta64(3, "D"), "'3 days'"),
], ids=str)
def test_a_numpy_scalar_is_quoted_as_the_python_value_that_it_holds(scalar, text):
    assert quote(scalar) == text
    assert quote([scalar]) == f"[{text}]" and quote((scalar,)) == f"({text},)" and quote({scalar}) == f"{{{text}}}"
    assert quote({"a": {scalar: [scalar]}}) == f"{{'a': {{{text}: [{text}]}}}}"
    if not isinstance(scalar, (np.datetime64, np.timedelta64)):  # which only the containers of Python are searched for
        assert quote(Holder(scalar)) == f"Holder(value={text})"
        assert "np." not in quote(pd.Series([scalar, "b"], dtype=object))
        assert "np." not in quote(pd.DataFrame({"a": [[scalar], {"b": scalar}]}))
        assert "np." not in quote(np.array([scalar, None], object))


@pytest.mark.parametrize("value", [
    None, True, 3, 0.1, "a'b", "np.float64(0.1)", b"x", [1, [2.5, "c"]], (), (1,), set(), {"a": {1}}, range(3),
    Holder(1), timedelta(1), np.arange(3), np.array([0.5, np.nan]), pd.Timestamp("2026-01-31"), pd.NA,
], ids=str)
def test_everything_else_is_quoted_as_python_does(value):
    assert quote(value) == repr(value)


def test_a_list_that_holds_itself_is_quoted():
    endless = [np.float64(0.5)]
    endless.append(endless)
    assert quote(endless).startswith("[0.5, [0.5, [") and quote(endless).endswith("]")


def test_quoting_leaves_the_print_options_as_they_are():
    before = np.get_printoptions()
    quote([np.float64(0.1)])
    with pytest.raises(ZeroDivisionError):
        quote(Unreadable())
    assert np.get_printoptions() == before


class Unreadable:
    def __repr__(self):
        return str(1 / 0)


def is_text(node):
    """Whether an expression is certainly a str of Python, whose repr is the same in every NumPy."""
    if isinstance(node, ast.Call):
        return (isinstance(node.func, ast.Name) and node.func.id == "str") or \
            (isinstance(node.func, ast.Attribute) and node.func.attr == "join")
    if isinstance(node, ast.Subscript):
        return is_text(node.value)
    if isinstance(node, ast.BinOp):
        return is_text(node.left) and is_text(node.right)
    return isinstance(node, (ast.Constant, ast.JoinedStr))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_calls_repr(path):
    tree = ast.parse(path.read_text("utf-8"))
    nodes = list(ast.walk(tree))
    of_texts = {id(node.func) for node in nodes if isinstance(node, ast.Call) and node.args and is_text(node.args[0])}
    calls = [node.lineno for node in nodes
             if isinstance(node, ast.Name) and node.id == "repr" and id(node) not in of_texts]
    conversions = [node.lineno for node in nodes if isinstance(node, ast.FormattedValue)
                   and node.conversion in (ord("r"), ord("a")) and not is_text(node.value)]
    assert calls == conversions == [], "fairkit.errors.quote(value) stands in the place of repr(value) and of !r"


def test_messages_quote_scalars_by_their_values():
    error = FairkitError("no such class", f"one of {[0, 1]}", quote({"class_id": np.int64(3), "name": np.str_("x")}))
    assert str(error) == "no such class. Expected: one of [0, 1]. Received: {'class_id': 3, 'name': 'x'}"


ODD = [np.float64(1.5), np.float32(-0.5), np.int64(7), np.str_("nope"), np.bool_(True), np.datetime64("2026-01-31"),
       [np.float64(2.5)], {np.str_("color"): np.str_("red")}, (np.str_("color"), np.str_("nope"))]


def refused(call):
    """The message with which a call refuses what it is given; the empty text where it does not."""
    try:
        call()
    except FairkitError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: quote(odd))
def test_no_refusal_quotes_a_scalar_as_numpy_writes_it(odd):
    examples = fairkit.Examples(labels=[0, 1] * 4, groups={"color": ["blue", "orange"] * 4})
    scores = np.linspace(0, 1, 8)
    evaluation = fairkit.evaluate(scores, examples, ["color"], [0.5])
    calls = [lambda option=option: fairkit.evaluate(scores, examples, **{"slices": ["color"], option: odd})
             for option in ("slices", "thresholds", "classes", "metrics", "min_examples", "engine")]
    calls += [lambda method=method, option=option: method(**{"metric": "recall", option: odd})
              for method in (evaluation.gaps, evaluation.any_gap, evaluation.best_and_worst)
              for option in ("metric", "threshold", "class_id")]
    calls += [lambda: evaluation.gaps("recall", reference=odd), lambda: evaluation.detectable_gap("recall", power=odd),
              lambda: evaluation.check(odd), lambda: evaluation.check({"recall": odd}),
              lambda: evaluation.report(threshold=odd), lambda: evaluation.report(reference=odd),
              lambda: fairkit.compare(odd, evaluation), lambda: fairkit.compare(evaluation, odd),
              lambda: fairkit.compare(evaluation, evaluation, reference=odd), lambda: fairkit.evaluate(odd, examples),
              lambda: examples.where(odd), lambda: examples.split(odd), lambda: examples.split(0.5, seed=odd),
              lambda: examples.split(0.5, stratify=odd), lambda: examples.batches(odd), lambda: fairkit.bins(odd),
              lambda: fairkit.quantiles(odd), lambda: fairkit.Examples(labels=[odd], groups={}),
              lambda: fairkit.Examples(labels=[0], groups={"g": [odd]}),
              lambda: fairkit.Examples(labels=[0], groups={}, weights=[odd]),
              lambda: fairkit.analysis.balance(examples, odd),
              lambda: fairkit.analysis.balance(examples, "color", to=odd),
              lambda: fairkit.analysis.imbalance(examples, odd), lambda: fairkit.analysis.describe(examples, by=odd),
              lambda: fairkit.bias_report(examples, facet="color", predictions=scores, thresholds=odd),
              lambda: fairkit.bias_report(examples, facet=odd)]
    messages = [refused(call) for call in calls]
    assert sum(map(bool, messages)) > len(calls) / 2
    for message in messages:
        assert "np." not in message and "numpy." not in message
