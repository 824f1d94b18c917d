"""notebooks/handwritten_numbers.ipynb: its numbers against counts by NumPy, and what its texts say of them."""

import json
import re

import pytest

NOTEBOOK = "handwritten_numbers"
# Counted from labels, colours and scores alone, by a cell at the end of the notebook.
ASKED = """
import json
import numpy as np

def column(examples, name):
    return np.array(examples.groups[name].to_list())

def predicted(model, examples):
    return model.predict(np.asarray(examples.inputs), verbose=0)

def by_digit(model, examples):
    right = predicted(model, examples).argmax(1) == examples.labels
    return [float(right[examples.labels == digit].mean()) for digit in range(10)], float(right.mean())

def flagged(model):
    scores = predicted(model, test)[:, 8].astype(np.float64)
    return {color: float((scores[(test.labels != 8) & (column(test, "color") == color)] > 0.1).mean())
            for color in ("orange", "blue")}

colors = {color: [int(((train.labels == digit) & (column(train, "color") == color)).sum()) for digit in range(10)]
          for color in ("blue", "orange")}
right = predicted(model, test).argmax(1) == test.labels
crossed = {f"{color}_{digit}": float(right[(column(test, "color") == color) & (test.labels == digit)].mean())
           for color in ("blue", "orange") for digit in range(10)}
print(json.dumps({
    "digits": np.bincount(train.labels).tolist(), "colors": colors, "crossed": crossed,
    "starting": by_digit(model, test), "customer": by_digit(model, customer_test),
    "augmented": by_digit(more_model, test), "before": flagged(control.model), "after": flagged(fixed.model),
    "closed": closed.to_dict("records"), "quality": comparison.quality.to_dict("records"),
    "ends": {name: e.best_and_worst("accuracy").iloc[0].to_dict() for name, e in
             (("starting", starting), ("customer", customer), ("augmented", augmented))},
    "gaps": gaps[gaps.slice.str.startswith("digit:")].to_dict("records"),
    "more": by_more.rows().set_index("slice")[CHANGE[1:]].to_dict("index"),
    "noise": by_customer.rows(by="digit").set_index("slice")[CHANGE[1:]].to_dict("index")}, default=str))
"""
PICTURES = ["images", "digit_counts", "training", "by_digit", "by_color_and_curviness", "errors", "heat_map",
            "customer", "augmented", "orange_heat_map", "orange_errors", "min_diff_training", "gap_plot"]

pytestmark = [pytest.mark.slow, pytest.mark.notebook]


@pytest.fixture(scope="module")
def counted(notebook, outputs_of):
    return json.loads("".join(outputs_of(notebook, "asked")).splitlines()[-1])


def rows_of(table):
    """The rows of a printed DataFrame that fits a line, as lists of texts."""
    return [line.split() for line in table.splitlines()[1:]]


def test_the_accuracies_it_shows_are_those_counted_by_hand(notebook, counted, outputs_of):
    by_digit, overall = counted["starting"]
    [[_, name, value, lower, upper, examples]] = rows_of(outputs_of(notebook, "overall")[0])
    assert (name, int(examples)) == ("accuracy", 1500)
    assert float(value) == pytest.approx(overall, abs=5e-4)
    assert float(lower) < overall < float(upper)
    shown = {row[1]: float(row[2]) for row in rows_of(outputs_of(notebook, "digit_gaps")[0])}
    assert shown == {f"digit:{digit}": pytest.approx(value, abs=5e-4) for digit, value in enumerate(by_digit)}
    customers, _ = counted["customer"]
    assert customers[:4] + customers[5:] == by_digit[:4] + by_digit[5:]


def test_the_counts_of_groups_are_those_of_the_training_images(notebook, counted, outputs_of, cell_of):
    assert counted["digits"] == [105 if digit in (3, 6) else 350 for digit in range(10)]
    html = outputs_of(notebook, "color_counts", "text/html")[0]
    for color, by_digit in counted["colors"].items():
        row = next(row for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL) if f">{color}<" in row)
        cells = [re.sub(r"[,*]", "", cell) for cell in re.findall(r"<td[^>]*>([^<]*)</td>", row)]
        assert [int(cell) for cell in cells[-10:]] == by_digit
    assert all(counted["colors"]["orange"][digit] < 30 for digit in (3, 6))


def test_the_rare_digits_come_last(counted):
    by_digit, _ = counted["starting"]
    assert sorted(range(10), key=lambda digit: by_digit[digit])[:2] in ([3, 6], [6, 3])
    worst = min(counted["gaps"], key=lambda row: row["gap"])
    assert worst["slice"] == "digit:3" and worst["upper"] < 0
    assert counted["ends"]["starting"]["worst"] == "digit:3"
    ends = counted["ends"]["starting"]
    best, worst = 1 - max(by_digit), 1 - min(by_digit)
    assert (ends["best_error"], ends["worst_error"]) == pytest.approx((best, worst))
    assert (ends["ratio"], ends["relative_difference"]) == pytest.approx((worst / best, 1 - best / worst))


def test_the_darkest_cell_is_an_orange_3(counted):
    crossed = counted["crossed"]
    assert min(crossed, key=crossed.get) == "orange_3"
    darker = [crossed[f"orange_{digit}"] < crossed[f"blue_{digit}"] for digit in range(10)]
    assert sum(darker) > 5


def test_noise_makes_the_4s_the_worst_served(counted):
    (before, all_before), (after, all_after) = counted["starting"], counted["customer"]
    fours = counted["noise"].pop("digit:4")
    assert fours["change"] == pytest.approx(after[4] - before[4]) and fours["change_upper"] < -0.05
    assert [change["change"] for change in counted["noise"].values()] == [0] * 9
    assert after.index(min(after)) == 4
    assert max(after) - min(after) > max(before) - min(before)
    assert counted["ends"]["customer"]["worst"] == "digit:4"
    assert 0 < all_before - all_after < 0.05


def test_more_images_of_the_3s_help_the_3s(counted):
    (before, _), (after, _) = counted["starting"], counted["augmented"]
    threes = counted["more"]["digit:3"]
    assert threes["change"] == pytest.approx(after[3] - before[3]) and threes["change_lower"] > 0
    assert counted["more"]["Overall"]["change"] > 0
    assert max(after) - min(after) < max(before) - min(before)
    assert counted["ends"]["augmented"]["worst"] != "digit:3"


def test_min_diff_makes_the_gap_of_colour_smaller(counted):
    before, after = counted["before"], counted["after"]
    assert before["orange"] > 10 * before["blue"]
    unchanged, matched = (next(row for row in counted["closed"] if row["thresholds"] == which)
                          for which in ("unchanged", "matched"))
    assert unchanged["threshold_before"] == matched["threshold_before"] == 0.1
    assert unchanged["gap_before"] == pytest.approx(before["orange"] - before["blue"])
    assert unchanged["gap_after"] == pytest.approx(after["orange"] - after["blue"])
    assert unchanged["gap_verdict"] == "smaller" and unchanged["gap_change_upper"] < 0
    assert unchanged["gap_after"] < 0.75 * unchanged["gap_before"]
    assert matched["gap_change_upper"] < 0
    assert all(row["upper"] > 0 for row in counted["quality"])   # no loss that is more than chance


@pytest.mark.parametrize("tag", PICTURES)
def test_its_pictures_are_there(tag, notebook, outputs_of):
    [png] = outputs_of(notebook, tag, "image/png")
    assert len(png) > 4000 and png.startswith("iVBOR")


def test_it_ends_with_the_board(notebook, outputs_of):
    [page] = outputs_of(notebook, "board", "text/html")
    assert "<iframe" in page and "MinDiff" in page
