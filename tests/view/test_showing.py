"""show(): in a cell of a notebook, and where there is none."""

import re
import stat
import tempfile
import webbrowser
from pathlib import Path

import numpy as np
import pytest

import fairkit


@pytest.fixture
def evaluation(binary_task):
    examples, scores = binary_task()
    return fairkit.evaluate(scores, examples, ["color"], [0.5])


@pytest.fixture
def browser(monkeypatch, tmp_path):
    """Stands in for the reader's browser: the addresses that it was sent to."""
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return opened


@pytest.mark.parametrize("screen", [True, False])
def test_outside_of_a_notebook_a_page_is_written_and_its_place_is_said(screen, evaluation, browser, monkeypatch,
                                                                       capsys):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if screen:
        monkeypatch.setenv("DISPLAY", ":0")
    assert evaluation.show(title="a title") is None
    said = re.fullmatch(r"(Opened|To open in a browser:) (.*\.html)\n", capsys.readouterr().out)
    path = Path(said[2])
    assert said[1] == ("Opened" if screen else "To open in a browser:")
    assert browser == ([path.as_uri()] if screen else [])
    assert "<h1>a title</h1>" in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_bad_options_write_nothing(evaluation, browser, tmp_path):
    with pytest.raises(fairkit.FairkitError, match="no metric 'recal'"):
        evaluation.show(metric="recal")
    assert list(tmp_path.iterdir()) == [] and browser == []


def test_a_comparison_is_shown_too(evaluation, browser, capsys):
    fairkit.compare(evaluation, evaluation).show()
    page = Path(capsys.readouterr().out.strip().rpartition(" ")[2]).read_text("utf-8")
    assert "at matched thresholds" in page
    assert np.isfinite(evaluation.value("false_positive_rate", threshold=0.5))
