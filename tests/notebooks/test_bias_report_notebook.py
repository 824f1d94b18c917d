"""bias_report.ipynb: its numbers against counts and formulas worked here, and its text against its outputs."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, entropy, hypergeom
from sklearn.metrics import accuracy_score, precision_score, recall_score
from sklearn.neighbors import KNeighborsClassifier

from fairkit.view.plots.labels import MINUS

pytestmark = [pytest.mark.slow, pytest.mark.notebook]

NOTEBOOK = "bias_report"
ASKED = """
import subprocess, sys

answers = [json.dumps(answer) for answer in endpoint(lines)]
_ = (folder / "answers.jsonl").write_text("\\n".join(answers))
command = "bias --config analysis_config.json --data reviews.jsonl --predictions answers.jsonl -o shell.json"
shell = subprocess.run([sys.executable, "-m", "fairkit", *command.split()], cwd=folder, capture_output=True, text=True)
others = fairkit.Examples(inputs={name: test.inputs[name] for name in everything}, labels=test.labels, groups={})
print(json.dumps({
    "reviews": reviews.to_dict("list"), "people": people.to_dict("list"), "lot": [min(by_lot), max(by_lot)],
    "blind": blind.predict(reviews["text"]).tolist(), "lottery": lottery.to_dict("list"),
    "unaware": unaware.predict(others.batches(256, shuffle=False), verbose=0)[:, 0].tolist(),
    "saved": saved, "shell": [shell.returncode, json.loads((folder / "shell.json").read_text()), shell.stderr],
    "mode": (folder / "analysis.json").stat().st_mode & 0o77, "inputs": sorted(unaware.input),
    "page": page.html, "page_saved": (folder / "loans.html").read_text() == page.html}))
"""
ROUNDED = 6e-4


class Told:
    """The tables of the notebook's kernel."""

    def __init__(self, text):
        self.__dict__.update(json.loads(text))
        self.reviews, self.people, self.lottery = map(pd.DataFrame, (self.reviews, self.people, self.lottery))
        self.known = self.reviews.dropna(subset="category")

    def shop(self, category, predicted="predicted"):
        """Metrics of a category against the rest."""
        known = self.known.assign(blind=np.array(self.blind)[self.reviews["category"].notna()])
        found = by_hand(known["stars"] >= 4, known["category"] == category, known[predicted] >= 4, known["delivery"])
        every = self.reviews.assign(blind=self.blind)
        return found | {"GE": inequality(every["stars"] >= 4, every[predicted] >= 4)}   # of all, whatever their facet

    def women(self, strata="education", threshold=0.5, scores=None):
        """Metrics of women against men."""
        predicted = (self.people["score"] if scores is None else np.array(scores)) > threshold
        return by_hand(self.people["loan"], self.people["gender"] == "Female", predicted, self.people[strata])


def by_hand(y, d, predicted, strata):
    """dict of short name -> value, of all metrics but FT, for labels y of facet d and of everybody else."""
    y, d, p, strata = np.array(y, int), np.array(d), np.array(predicted, int), np.array(strata)
    a = ~d

    def gap(score, sign=1, **options):
        return sign * (score(y[a], p[a], **options) - score(y[d], p[d], **options))

    def wrong(side):
        return ((y == 1) & (p == 0) & side).sum() / ((y == 0) & (p == 1) & side).sum()

    return of_labels(y, d, strata) | {
        "DPPL": p[a].mean() - p[d].mean(), "DI": p[d].mean() / p[a].mean(),
        "DCA": y[a].sum() / p[a].sum() - y[d].sum() / p[d].sum(),
        "DCR": (1 - y[d]).sum() / (1 - p[d]).sum() - (1 - y[a]).sum() / (1 - p[a]).sum(),
        "RD": gap(recall_score), "SD": gap(recall_score, -1, pos_label=0), "DAR": gap(precision_score),
        "DRR": gap(precision_score, -1, pos_label=0), "AD": gap(accuracy_score), "TE": wrong(d) - wrong(a),
        "CDDPL": disparity(p, d, strata), "GE": inequality(y, p)}


def of_labels(y, d, strata):
    """The metrics before training."""
    y, d, strata = np.array(y, int), np.array(d), np.array(strata)
    of_a, of_d = ([1 - y[side].mean(), y[side].mean()] for side in (~d, d))
    apart = np.abs(np.subtract(of_a, of_d))
    return {"CI": ((~d).sum() - d.sum()) / len(d), "DPL": of_a[1] - of_d[1], "KL": entropy(of_a, of_d),
            "JS": jensenshannon(of_a, of_d) ** 2, "LP": np.linalg.norm(apart), "TVD": apart.sum() / 2,
            "KS": apart.max(), "CDDL": disparity(y, d, strata)}


def inequality(y, predicted):
    """GE of all who are judged."""
    benefit = np.array(predicted, int) - np.array(y, int) + 1
    return ((benefit / benefit.mean()) ** 2 - 1).mean() / 2


def disparity(y, d, strata):
    """CDD: of strata that have both outcomes."""
    parts = [(inside.sum(), d[inside & (y == 0)].mean() - d[inside & (y == 1)].mean())
             for inside in (strata == one for one in np.unique(strata)) if 0 < y[inside].mean() < 1]
    return sum(n * dd for n, dd in parts) / sum(n for n, _ in parts)


@pytest.fixture
def rows_of(notebook, outputs_of):
    """rows(tag) -> the rows of the HTML tables that the cell shows, each a list of texts."""
    def rows(tag):
        page = re.sub("<thead.*?</thead>", "", "".join(outputs_of(notebook, tag, "text/html")), flags=re.S)
        return [[html.unescape(re.sub("<.*?>", "", cell)).strip() for cell in re.findall(
            r"<t[hd]\b.*?>(.*?)</t[hd]>", row, re.S)] for row in re.findall(r"<tr\b.*?>(.*?)</tr>", page, re.S)]

    return rows


@pytest.fixture
def drawn(notebook, outputs_of):
    """drawn(tag) -> the picture of the cell in words, and a row for each metric that is told there as excluding its
    fair value: short name, value, limits, meaning."""
    def drawn(tag):
        [page] = outputs_of(notebook, tag, "text/html")
        [alt] = re.findall(r'<img\b[^>]*\balt="([^"]*)"', page)
        alt = html.unescape(alt)
        return alt, re.findall(r"\b([A-Z]+) (-?[\d.]+) \((.*?)\): (.*?)[;.](?= |$)", alt.replace(MINUS, "-"))

    return drawn


def close(shown, value):
    """Whether three shown digits are the value's, with room for the last one."""
    return float(shown) == pytest.approx(value, rel=6e-3, abs=1e-12)


def check_report(rows, expected, undefined=("FT",)):
    """Rows of short name, its full name, value, limits, and what else is shown."""
    values = {row[0]: row for row in rows}
    assert [short for short, row in values.items() if row[2] == "-"] == list(undefined)
    for short, row in values.items():
        if row[2] == "-" or short not in expected:
            continue
        assert float(row[2]) == pytest.approx(expected[short], abs=ROUNDED), short
        limits = [float(text) for text in re.findall(r"-?\d+\.\d+", row[3])]
        assert limits[0] <= float(row[2]) <= limits[1] if len(limits) == 2 else float(row[2]) <= limits[0]
    return values


def test_reports_of_reviews_are_counts(told, rows_of, notebook, outputs_of):
    for name, size, mean in rows_of("shares"):
        mine = told.reviews[told.reviews["category"].isna() if name == "NaN" else told.reviews["category"] == name]
        assert int(size) == len(mine) and close(mean, (mine["stars"] >= 4).mean())
    software = told.shop("software")
    shown = check_report(rows_of("software"), software, ["CDDL"])
    assert set(shown) == {"CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL"} and "group=" in shown["CDDL"][-1]
    assert float(outputs_of(notebook, "by_hand")[0]) == pytest.approx(software["DPL"], abs=1e-12)
    [page] = outputs_of(notebook, "software", "text/html")
    assert f"{told.reviews['category'].isna().sum()} rows without a value of category" in page
    full = check_report(rows_of("clarify"), software)
    assert len(full) == 21 and "texts" in full["FT"][-1]


def test_every_category_in_turn_and_within_strata(told, rows_of):
    rows, known = rows_of("every"), told.known
    labels = {name: of_labels(known["stars"] >= 4, known["category"] == name, known["delivery"])
              for name in known["category"].unique()}
    assert {row[1] for row in rows} == set(labels) and len(rows) == 6
    for _, category, metric, value, lower, upper, excludes, n in rows:
        assert metric == "DPL" and close(value, labels[category]["DPL"]) and excludes == "True"
        assert float(lower) < float(value) < float(upper)
        assert int(n) == (told.known["category"] == category).sum()
    assert [name for name, found in labels.items() if found["CDDL"] > 0] == ["software"], "as the picture shows"
    for delivery, rest, toys in rows_of("strata"):
        among = told.known[told.known["delivery"] == delivery]
        good, is_toy = among["stars"] >= 4, among["category"] == "toys"
        assert close(toys, good[is_toy].mean()) and close(rest, good[~is_toy].mean())
        assert good[is_toy].mean() > good[~is_toy].mean()


def test_distances_and_their_tests(told, rows_of):
    assert told.lot[0] > 0 and told.lot[1] < told.shop("toys")["TVD"]
    for tag, table in (("lottery", told.lottery), ("distances", told.known)):
        good, rows = table["stars"] >= 4, rows_of(tag)
        assert len(rows) == 6
        for _, category, metric, value, upper, p, _ in rows:
            mine = table["category"] == category
            counts = [[(good & side).sum(), (~good & side).sum()] for side in (mine, ~mine)]
            tvd = abs(good[mine].mean() - good[~mine].mean())
            assert metric == "TVD" and close(value, tvd) and float(upper) > tvd > 0
            if category == "gift cards":
                assert float(p) == pytest.approx(exact(counts), abs=0.01)
            else:
                assert float(p) == pytest.approx(chi2_contingency(counts, correction=False).pvalue, rel=6e-3)
    by_lot = {row[1]: float(row[5]) for row in rows_of("lottery")}
    assert sorted(name for name, p in by_lot.items() if p < 0.05) == ["software"] and by_lot["software"] * 6 > 0.05


def exact(counts):
    """The p-value of a 2 x 2 table over all tables with its margins, ordered by chi-square."""
    (good, bad), (others_good, others_bad) = counts
    n, positives, size = good + bad + others_good + others_bad, good + others_good, good + bad
    possible = np.arange(size + 1)
    far = np.abs(possible - size * positives / n) >= abs(good - size * positives / n) - 1e-9
    return hypergeom(n, positives, size).pmf(possible[far]).sum()


def test_where_there_is_no_number(told, rows_of):
    good, gift = told.known["stars"] >= 4, told.known["category"] == "gift cards"
    share = good[~gift].mean()
    assert good[gift].all() and gift.sum() == 14
    found = {row[1]: row[2:] for row in rows_of("gifts")}
    assert found["KL"][0] == "inf" and found["KL"][-1].startswith("infinite")
    assert close(found["JS"][0], jensenshannon([1 - share, share], [0, 1]) ** 2) and close(found["TVD"][0], 1 - share)
    shown = {name: values for name, *values in rows_of("dropped")}
    assert close(shown["KL"][1], share * np.log(share)) and close(shown["TVD"][1], (1 - share) / 2)
    assert shown["KL"][0] == "inf" and close(shown["TVD"][0], 1 - share)
    missing = {row[1]: row[-1] for row in rows_of("undefined")}
    assert set(missing) == {"DCR", "SD", "DRR", "TE", "FT"}
    assert missing["SD"] == "undefined: no negatives in facet d"


def test_the_configuration_runs_here_and_in_a_shell(told, notebook, outputs_of, rows_of):
    [notes] = outputs_of(notebook, "notes")
    assert [line.split(":")[0] for line in notes.splitlines()] == ["report", "predictor.model_name"]
    code, shell, said = told.shell
    assert code == 0 and shell == told.saved and notes.splitlines()[1] in said and told.mode == 0
    values = {metric["name"]: metric for stage in ("pre", "post") for metric in
              told.saved[f"{stage}_training_bias_metrics"]["facets"]["category"][0]["metrics"]}
    expected = told.shop("software")
    assert set(values) == {*expected, "FT"} and values["FT"]["value"] is None and values["FT"]["error"]
    for short, value in expected.items():
        assert values[short]["value"] == pytest.approx(value, abs=1e-9), short
    assert json.loads(outputs_of(notebook, "saved")[0]) == values["AD"]
    blind = told.shop("software", "blind")
    shown = {row[1]: row[2:] for row in rows_of("blind")}
    assert all(close(values[0], blind[short]) for short, values in shown.items()) and len(shown) == 5
    assert shown["SD"][-1] == "False", "as the text says"
    good, said = told.reviews["stars"] >= 4, np.array(told.blind) >= 4
    assert recall_score(good, said) > recall_score(good, said, pos_label=0), "bad reviews are harder, says the text"


def test_women_and_men(told, rows_of, drawn):
    loan, said = told.people["loan"], told.people["score"] > 0.5
    woman = told.people["gender"] == "Female"
    alt, found = drawn("women")
    shown = check_report([(short, "", *row) for short, *row in found], told.women(), ())
    assert f"gender Female (d, n = {woman.sum():,}) against the rest (a, n = {(~woman).sum():,}): " \
           f"{len(shown)} of 20 that can be judged exclude" in alt
    assert len(shown) >= 18 and not {"DAR", "GE"} & set(shown), "nearly every one, but not DAR, as the text says"
    assert shown["RD"][-1] == "recall is higher for a" and shown["AD"][-1].endswith("more often for d")
    rows = {name: values for name, *values in rows_of("counted")}
    for column, who in enumerate((loan, said)):
        assert close(rows["Female"][column], who[woman].mean()) and close(rows["Male"][column], who[~woman].mean())
        assert close(rows["Female / Male"][column], who[woman].mean() / who[~woman].mean())
    by_threshold = [told.women(threshold=threshold) for threshold in (0.3, 0.5, 0.7)]
    for short, *values in rows_of("thresholds"):
        assert all(close(v, one[short]) for v, one in zip(values, by_threshold, strict=True)), short
    for strata, *values in rows_of("choices"):
        assert all(close(v, told.women(strata)[short]) for v, short in zip(values, ("CDDL", "CDDPL"), strict=True))
    unaware = told.women(scores=told.unaware)
    for row, expected in zip(rows_of("unaware"), [told.women()] * 3 + [unaware] * 3, strict=True):
        assert close(row[-3], expected[row[-4]])
    assert "gender" not in told.inputs and len(told.inputs) == 11


def test_the_page_has_the_same_numbers(told, notebook, outputs_of, drawn):
    [page] = outputs_of(notebook, "page", "text/markdown")
    row = r"^\| ([A-Z]+): (.*?) \| (\S+) (\(.*?\)) \| [01] \| (.*?) \|$"
    table = re.findall(row, page.replace(MINUS, "-"), re.M)
    shown = check_report(table, told.women(), ())
    assert len(shown) == 21 and shown["DAR"][-1] == "not told apart from fair"
    assert "1 of 16 strata (11 examples) left out" in shown["CDDL"][-1]
    alt, found = drawn("women")
    assert {(short, value) for short, value, *_ in found} < {(short, row[2]) for short, row in shown.items()}
    assert told.page_saved and alt[:900] in html.unescape(told.page), "a page says 1,000 characters of a picture"
    assert html.escape(told.page, quote=True) in outputs_of(notebook, "page", "text/html")[0]
    assert "21 metrics were looked at" in page and "about 1 in 20 does so by chance" in page
    assert page.index("## What stands out") < page.index("## What could not be computed") < page.index("## Limits")


def test_ages_and_crosses(told, rows_of, drawn):
    people, older = told.people, told.people["age"] > 40
    expected = by_hand(people["loan"], older, people["score"] > 0.5, people["gender"])
    alt, found = drawn("older")
    assert f"age > 40 (d, n = {older.sum():,}) against the rest (a, n = {(~older).sum():,})" in alt
    shown = check_report([(short, "", *row) for short, *row in found], expected, ())
    assert list(shown) == ["CI", "DPL", "DPPL", "DI", "RD", "AD"]
    assert [float(row[2]) > (short == "DI") for short, row in shown.items()] == [True, False, False, True, False, True]
    black = (people["gender"] == "Female") & (people["ethnicity"] == "Black")
    white = (people["gender"] == "Female") & (people["ethnicity"] == "White")
    ratio = {name: by_hand(people["loan"], side, people["score"] > 0.5, people["gender"])["DI"]
             for name, side in (("black", black), ("white", white))}
    assert 0.1 < ratio["black"] < 0.22 and ratio["white"] > 1.5 * ratio["black"], "a sixth, and far higher"
    sizes = people.groupby(["gender", "ethnicity"]).size()
    assert sizes["Female", "Other"] == 24 and sizes["Female", "Amer-Indian-Eskimo"] == 39


def test_the_flip_test_by_scikit_learn(told, rows_of, drawn):
    people, woman = told.people, told.people["gender"] == "Female"
    said = (people["score"] > 0.5).to_numpy(int)
    names = [name for name in people if name not in ("gender", "loan", "score")]
    without = [name for name in names if name not in ("marital-status", "relationship")]
    rows = [[float(cell) for cell in row[-3:]] for row in rows_of("flips")]
    for row, (features, scale) in zip(rows, [(f, s) for f in (names, without) for s in (False, True)], strict=True):
        matrix = np.column_stack([numbers(people[name], scale) for name in features])
        near = KNeighborsClassifier(5).fit(matrix[~woman], said[~woman]).predict(matrix[woman])
        assert row[0] == pytest.approx((said[woman] - near).mean(), abs=0.002) and row[1] < row[0] < row[2]
    assert [row[1] for row in drawn("women")[1] if row[0] == "FT"] == [f"{rows[0][0]:.3f}"]
    assert rows[1][1] < 0 < rows[1][2] and all(row[2] < 0 for row in (rows[0], rows[2], rows[3])), "as the text says"


def numbers(column, scale):
    if column.dtype.kind in "iuf":
        return (column / column.std(ddof=0) if scale else column).to_numpy(float)[:, None]
    return pd.get_dummies(column).to_numpy(float) * np.sqrt(0.5)


def test_the_text_says_what_came_out(told, notebook):
    text = " ".join(" ".join(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")
    women, software, people = told.women(), told.shop("software"), told.people
    woman, said = people["gender"] == "Female", people["score"] > 0.5
    lives_with = people["marital-status"] == "Married-civ-spouse"
    claims = {   # what the text says, in units of the last factor, with some room for other machines
        r"facet a has (\d+) points more": (software["DPL"], 0.6, 100),
        r"DPL of the predicted labels: (\d+) points": (software["DPPL"], 0.6, 100),
        r"come down to (\d+) points": (told.shop("software", "blind")["DPPL"], 0.6, 100),
        r"(\d+) % of the men and \d+ % of the women earn": (people["loan"][~woman].mean(), 0.6, 100),
        r"\d+ % of the men and (\d+) % of the women earn": (people["loan"][woman].mean(), 0.6, 100),
        r"a loan to (\d+) % of the men": (said[~woman].mean(), 2, 100),
        r"a loan to \d+ % of the men and (\d+) %": (said[woman].mean(), 1.5, 100),
        r"chance is (\.\d+) of a man's": (women["DI"], 0.04, 1),
        r"in the labels it is (\.\d+)\.": (people["loan"][woman].mean() / people["loan"][~woman].mean(), 0.006, 1),
        r"CDDL was (\.\d+) within levels": (women["CDDL"], 0.006, 1),
        r"(\d+) % of the women in these data are married": (lives_with[woman].mean(), 0.6, 100),
        r"live with, (\d+) % of the men": (lives_with[~woman].mean(), 0.6, 100)}
    for pattern, (actual, room, factor) in claims.items():
        [number] = re.findall(pattern, text) or [f"nothing like {pattern}"]
        assert abs(float(number) - factor * actual) <= room, f"{pattern}: {number}, not {factor * actual:.3f}"
    assert software["SD"] > 0 and women["RD"] > 0 > women["AD"] and 0 < women["DPPL"] < women["DPL"]
    relative = [told.women(threshold=threshold)["DI"] for threshold in (0.3, 0.5, 0.7)]
    assert max(relative) - min(relative) < 0.05, "the ratio hardly moves"
