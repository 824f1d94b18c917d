"""A description at a terminal and in a notebook: readable at 100 columns, and nothing of the data is obeyed."""

import re

import numpy as np
import pyarrow as pa
import pytest

import fairkit
from fairkit import Examples
from fairkit.analysis import describe
from fairkit.analysis.columns import overview


def comments(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    race = rng.choice(["none", "african", "asian", "caucasian"], n, p=[0.6, 0.25, 0.14, 0.01])
    gender = rng.choice(["women", "men", None], n)
    labels = (rng.random(n) < np.where(race == "african", 0.9, 0.4)).astype(int)
    return Examples(labels=labels, groups={"race": race, "gender": gender})


def lines_of(shown):
    """The rows of the table: name -> cells."""
    return {match[1]: match[2].split() for line in shown.splitlines()
            if (match := re.fullmatch(r"  (\S.*?) {2,}(\d.*)", line))}


def test_numbers_stand_where_they_belong():
    described = describe(comments())
    frame, rows = described.frame.set_index("slice"), lines_of(str(described))
    for name, slice_ in {"all": "Overall", "african": "race:african", "women": "gender:women"}.items():
        row, cells = frame.loc[slice_], rows[name]
        assert cells[0] == f"{row['n']:,}" and cells[1] == f"{row['share']:.1%}"
        assert cells[2:5] == [f"{row['positive_share']:.3f}", f"[{row['lower']:.3f},", f"{row['upper']:.3f}]"]
        assert cells[5:7] == [f"{row['positives']:,}", f"{row['negatives']:,}"]
    assert "women, african" in rows or "african, women" in rows
    assert str(described).startswith("4,000 examples, ") and "no value, so in no group: gender" in str(described)


def test_small_groups_are_marked_and_explained():
    shown = str(describe(comments()))
    marked = [line for line in shown.splitlines() if "*" in line]
    assert any(line.startswith("  caucasian ") for line in marked)
    assert "* fewer than 30: too few positives to judge a false negative rate (FNR)" in shown
    assert "*" not in str(describe(comments(), by=["gender"]))
    assert "8 intersections that are no group above. 2 are too small to judge, the largest: " in shown


def test_groups_go_from_large_to_small():
    shown = [line.split()[0] for line in str(describe(comments(), by=["race"])).splitlines() if line.startswith("  ")]
    assert shown[2:6] == ["none", "african", "asian", "caucasian"]


def test_it_stays_short_and_narrow():
    rng = np.random.default_rng(0)
    n = 20_000
    groups = {f"a column with a very long name {k}": rng.choice([f"value {v} {'x' * v}" for v in range(45)], n)
              for k in range(4)}
    groups["many"] = rng.integers(0, 3000, n)
    described = describe(Examples(labels=rng.integers(0, 2, n), groups=groups,
                                  weights=rng.random(n)))
    lines = str(described).splitlines()
    assert len(described.frame) > 15_000 and len(lines) < 150 and max(map(len, lines)) <= 100
    assert any(line.startswith("Not crossed with others: many") for line in lines)
    assert sum("25 smaller groups are not shown" in line for line in lines) == 4


def test_intersections_that_are_a_group_already_are_not_repeated():
    parity = np.arange(400) % 2
    examples = Examples(labels=parity, groups={"digit": np.arange(400) % 4, "parity": np.where(parity, "odd", "even")})
    assert "intersections" not in str(describe(examples))
    assert "digit_X_parity:3_X_odd" in set(describe(examples).frame["slice"])


@pytest.mark.parametrize("classes, hidden", [(3, 0), (10, 0), (200, True)])
def test_several_classes(classes, hidden):
    rng = np.random.default_rng(0)
    labels = rng.choice([f"no {k}" for k in range(classes)], 5000)
    described = describe(Examples(labels=labels, groups={"color": rng.choice(["blue", "orange"], 5000)}))
    shown = str(described)
    assert shown.startswith(f"5,000 examples of {classes} classes")
    assert max(map(len, shown.splitlines())) <= 100
    assert ("rarer classes are not shown" in shown) == bool(hidden)
    if not hidden:
        rows = lines_of(shown)["blue"]
        counts = described.frame[described.frame["slice"] == "color:blue"]["positives"].tolist()
        assert [cell.rstrip("*") for cell in rows[2:]] == [f"{count:,}" for count in counts]


NASTY = "<script>alert(1)</script>\x1b[31m\n"


def test_nothing_of_the_data_is_obeyed():
    examples = Examples(labels=[0, 1], groups={f"{NASTY}name": [NASTY, "b"]}, inputs={NASTY: np.array(["", "a"])})
    described = describe(examples)
    shown, page = str(described), described._repr_html_()
    assert "\x1b" not in shown and shown.count("<script>") > 0
    assert "<script" not in page and "&lt;script&gt;" in page
    columns = str(overview([pa.table({NASTY: [NASTY, "b"]})]))
    assert "\x1b" not in columns and max(map(len, columns.splitlines())) <= 100


def test_a_notebook_shows_the_same_table():
    described = describe(comments())
    page = described._repr_html_()
    for name, cells in lines_of(str(described)).items():
        assert f"<bdi>{name}</bdi>" in page and f"<td>{cells[0]}</td>" in page


def test_columns_of_a_file():
    table = pa.table({"text": [f"comment number {k}" for k in range(2000)],
                      "score": np.linspace(0, 1, 2000).astype(str),
                      "verdict": ["rude", "fine", "fine", None] * 500,
                      "race": [f"a long name of a race, the {k % 9}th" for k in range(2000)],
                      "faith": ["['a', 'b']", "[]"] * 1000})
    shown = str(overview([table]))
    lines = shown.splitlines()
    assert lines[0] == "2,000 rows, 5 columns" and max(map(len, lines)) <= 100
    rows = {line.split()[0]: line.split() for line in lines[3:8]}
    assert rows["text"][1:] == ["texts", "0", ">", "1,000", "18.4", "characters", "on", "average"]
    assert rows["score"][1:] == ["numbers", "0", ">", "1,000", "0", "to", "1"]
    assert rows["verdict"][1:] == ["texts", "500", "2", "fine", "50.0%,", "rude", "25.0%"]
    assert "perhaps labels or groups: verdict, race, faith" in shown
    assert "cells that look like lists: faith (--separator list)" in shown
    assert "No column has 2 to 50 distinct values" in str(overview([pa.table({"a": [1, 1]})]))
    wide = overview([pa.table({f"c{k}": [1] for k in range(200)})])
    assert "and 140 more columns" in str(wide)


def test_weights_are_said():
    described = describe(Examples(labels=[0, 1], groups={}, weights=[1, 2.5]))
    assert "weights sum to 3.5; shares are shares of weight" in str(described)
    assert fairkit.analysis.Description is type(described)
