"""The registry of metrics, and what is made of it."""

import ast
import re
from pathlib import Path

import pytest

from fairkit import FairkitError
from fairkit.bias.definitions import (
    ALIASES,
    COUNTED,
    METRICS,
    POST_TRAINING,
    PRE_TRAINING,
    chosen_metrics,
    markdown_table,
)

DOCS = Path(__file__).parents[2] / "docs" / "bias.md"


def test_eight_before_training_and_thirteen_after():
    assert PRE_TRAINING == ("CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL")
    assert set(POST_TRAINING) == {"DPPL", "DI", "DCA", "DCR", "RD", "SD", "DAR", "DRR", "AD", "CDDPL", "TE", "FT", "GE"}
    assert len(METRICS) == 21 and set(METRICS) - set(COUNTED) == {"FT"}


def test_every_metric_says_what_it_is():
    for short, metric in METRICS.items():
        assert metric.short == short and metric.name and metric.formula and metric.positive and metric.range
        assert metric.fair == (1 if short == "DI" else 0)
        below = not metric.range.startswith("[0") or short == "DI"   # nothing lies below a fair value that is the bound
        assert bool(metric.negative) == below
        assert metric.title == f"{metric.name} ({short})"


def test_names_by_which_metrics_are_chosen():
    assert chosen_metrics("all") == tuple(METRICS)
    assert chosen_metrics(["post_training", "CI"]) == ("CI", *POST_TRAINING)
    assert chosen_metrics("DCAcc") == ("DCA",) and ALIASES["DCAcc"] == "DCA"
    with pytest.raises(FairkitError, match="no bias metric 'DPPLL'.*'DPPL' .the nearest"):
        chosen_metrics(["DPPLL"])
    with pytest.raises(FairkitError, match="name no metric"):
        chosen_metrics([])


def test_public_names_are_typed():
    import fairkit

    stub = ast.parse(Path(fairkit.bias.__file__).with_name("__init__.pyi").read_text())
    typed = {alias.asname for node in stub.body for alias in node.names}
    assert typed == set(fairkit.bias.__all__) and fairkit.bias_report is fairkit.bias.bias_report
    assert all(getattr(fairkit.bias, name) is not None for name in typed)


def test_the_table_in_the_docs_is_that_of_the_code():
    assert markdown_table() in DOCS.read_text("utf-8")


@pytest.mark.parametrize(("other", "short"), [
    ("selection_rate", "DPPL"), ("statistical parity", "DPPL"), ("Disparate Impact", "DI"), ("equal_opportunity", "RD"),
    ("equalized-odds", "RD"), ("tnr", "SD"), ("predictive parity", "DAR"), ("dpl", "DPL"),
    *((metric.name, short) for short, metric in METRICS.items()),
])
def test_other_names_lead_to_the_short_one(other, short):
    with pytest.raises(FairkitError, match=rf"no bias metric '{re.escape(other)}'. Expected: '{short}'"):
        chosen_metrics([other])
