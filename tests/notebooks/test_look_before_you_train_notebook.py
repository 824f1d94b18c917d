"""look_before_you_train.ipynb: its numbers and its text against the census file and the scores, counted by pandas."""

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from sklearn.metrics import average_precision_score, roc_auc_score

pytestmark = [pytest.mark.slow, pytest.mark.notebook]

NOTEBOOK = "look_before_you_train"
ASKED = """
import json

rows = {part: getattr(split, f"{part}_rows").tolist() for part in ("train", "test", "left_out")}
models = {"plain": model, "balanced": balanced_model, "control": control.model, "mindiff": fixed.model}
fed = {name: np.asarray(part) for name, part in test.inputs.items()}
print(json.dumps({
    "rows": rows, "scores": {name: m.predict(fed, verbose=0)[:, 0].tolist() for name, m in models.items()},
    "balanced": {"label": balanced.labels.tolist(), "gender": balanced.groups["gender"].to_list(),
                 **{name: np.asarray(part).tolist() for name, part in balanced.inputs.items() if name != "gender"}},
    "correlations": goes_with.frame[["a", "b", "value", "n"]].to_dict("records"),
    "clusters": [goes_with.clusters()[0], goes_with.clusters()[1].tolist()],
    "importance": importance.frame.to_dict("records"), "gaps": gaps.to_dict("records"),
    "ages": fairkit.analysis.imbalance(people, "age", "gender").frame.query("by == 'age, gender'")
            .set_index("value")["n"].to_dict(),
    "rates": before.plot("rates", metric="false_negative_rate", threshold=0.5).frame[["slice", "value", "denominator"]]
             .values.tolist(),
    "curves": {kind: before.plot(kind, by="gender").frame.to_dict("list") for kind in ("roc", "precision_recall")},
    "closed": comparison.frame.query("thresholds == 'matched' and threshold_before == 0.5").to_dict("records"),
    "threshold": dict(comparison.threshold_pairs[None])[0.5]}, default=str))
"""
PICTURES = ["groups", "ages", "heat_map", "dendrogram", "split", "balanced_groups", "training", "confusion", "rates",
            "roc", "precision_recall", "importance", "balanced_refused", "granted", "three_models", "gap_plot"]


class Told:
    """The census file by plain pandas, and the scores of the test rows."""

    def __init__(self, text):
        self.__dict__.update(json.loads(text))
        [folder] = importlib.util.find_spec("xai").submodule_search_locations
        self.people = pd.read_csv(Path(folder) / "data" / "census.csv", index_col=0, skipinitialspace=True,
                                  na_values="?").reset_index(drop=True)
        self.rich = (self.people["loan"] == ">50K").to_numpy()
        self.women = (self.people["gender"] == "Female").to_numpy()
        self.test = np.array(self.rows["test"])
        self.scores = {name: np.array(scores, np.float32).astype(float) for name, scores in self.scores.items()}

    def granted(self, model, rich, women=None, threshold=0.5):
        """(granted, all) of the test rows that are (not) above 50,000; of one gender, or of both. rich=None: all."""
        of = np.ones(len(self.test), bool) if rich is None else self.rich[self.test] == rich
        of &= True if women is None else self.women[self.test] == women
        return int((self.scores[model][of] > threshold).sum()), int(of.sum())

    def granted_rate(self, *asked, **options):
        some, every = self.granted(*asked, **options)
        return some / every

    def refused_rate(self, model, women=None, threshold=0.5):
        return 1 - self.granted_rate(model, True, women, threshold)

    def gap(self, model, threshold=0.5):
        return self.refused_rate(model, True, threshold) - self.refused_rate(model, False, threshold)

    def auc(self, model, women=None):
        of = np.ones(len(self.test), bool) if women is None else self.women[self.test] == women
        return roc_auc_score(self.rich[self.test][of], self.scores[model][of])

    def accuracy(self, model):
        return ((self.scores[model] > 0.5) == self.rich[self.test]).mean()


@pytest.fixture
def text(notebook):
    return " ".join(cell.source.replace("\n", " ") for cell in notebook.cells if cell.cell_type == "markdown")


def words_of(html):
    """The picture's words; of a table its text."""
    return re.search(r'<img\b[^>]*\balt="([^"]*)"', html)[1]


def numbers(table):
    """dict of slice or metric -> the numbers of its row, from a printed DataFrame that was too wide for a line."""
    found = {}
    for block in table.split("\n\n"):
        for line in block.splitlines()[1:]:
            found.setdefault(line.split()[0], []).extend(re.findall(r"(?<![\w.:])-?\d+\.\d+", line))
    return {name: [float(number) for number in row] for name, row in found.items()}


def test_the_counts_are_those_of_the_file(notebook, told, text, outputs_of):
    [page] = outputs_of(notebook, "description", "text/html")
    for gender, part in told.people.groupby("gender"):
        n, rich = len(part), (part["loan"] == ">50K").sum()
        assert re.search(rf">{gender}<(?:(?!</tr>).)*>{n:,} ?<(?:(?!</tr>).)*>{rich:,} ?<.*?>{n - rich:,} ?<", page)
    crossed = pd.crosstab(told.people["gender"], told.people["loan"])
    [printed] = outputs_of(notebook, "rare")
    assert re.search(rf"Female x >50K\s+{crossed.loc['Female', '>50K']:,}\s+3.6%\s+7.8%", printed)
    assert re.search(rf"gender: Female\s+{crossed.loc['Female'].sum():,}\s+33.1%\s+49.4%", printed)
    assert len(printed.splitlines()) == 3 + 4, "the four that are below half of the largest"
    rare = crossed.loc["Female", ">50K"]
    assert f"by far: {rare:,} of them" in text and round(crossed.loc["Male", "<=50K"] / rare) == 13
    assert "right 96 times in 100" in text and int(100 * (1 - rare / len(told.people))) == 96
    other = told.people.query("ethnicity == 'Other' and loan == '>50K'")
    assert f"with {len(other)} people above 50,000" in text
    seen = {name: float(gap) for name, gap in re.findall(
        r">([\w-]+)</bdi></th>(?:<td>[^<]*</td>)*?<td>[^<]*</td><td>(0\.\d+)</td></tr>", page)}
    claimed = re.search(r"to be found: (\d+) points for women, (\d+) to (\d+) for the two smallest", text).groups()
    for name, said in zip(["Female", "Amer-Indian-Eskimo", "Other"], claimed, strict=True):
        assert abs(100 * seen[name] - int(said)) <= 0.5


def test_ages_in_bins_are_those_of_the_file(told, text):
    decade = np.minimum(told.people["age"] // 10, 9).clip(1)
    counts = pd.crosstab(decade, told.people["gender"])
    names = {1: "< 20", 9: ">= 90"} | {k: f"[{k * 10}, {k * 10 + 10})" for k in range(2, 9)}
    assert told.ages == {f"{names[k]}, {gender}": n for (k, gender), n in counts.stack().items()}
    assert f"there are {counts.loc[8, 'Female']} women of 80 to 89, and {counts.loc[9, 'Female']} above" in text
    ratio = counts["Female"] / counts["Male"]
    assert 0.9 < ratio[1] < 1.1 and (ratio[3:] < 0.52).all(), "about as many under 20, half as many or fewer later"


def test_correlations_are_those_of_the_file(told, text):
    people = told.people
    found = {frozenset((row["a"], row["b"])): row for row in told.correlations}
    assert len(found) == 13 * 12 / 2

    def cramer(a, b):   # Bergsma 2013
        table = pd.crosstab(people[a], people[b]).to_numpy()
        n, (r, c) = table.sum(), table.shape
        phi = max(0, chi2_contingency(table, correction=False)[0] / n - (r - 1) * (c - 1) / (n - 1))
        return np.sqrt(phi / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1)), n

    for a, b in [("gender", "relationship"), ("gender", "loan"), ("workclass", "occupation"), ("gender", "occupation")]:
        value, n = cramer(a, b)
        assert found[frozenset((a, b))]["value"] == pytest.approx(value, abs=1e-9)
        assert found[frozenset((a, b))]["n"] == n
    pearson = people[["age", "hours-per-week", "capital-gain"]].corr()
    assert found[frozenset(("age", "hours-per-week"))]["value"] == pytest.approx(pearson.iloc[0, 1])
    assert found[frozenset(("education", "education-num"))]["value"] == pytest.approx(1)
    assert people.groupby("education")["education-num"].nunique().eq(1).all()
    first, *_ = sorted((row for pair, row in found.items() if "gender" in pair), key=lambda row: -row["value"])
    assert "relationship" in (first["a"], first["b"])
    spouse = people[people["relationship"].isin(["Husband", "Wife"])]
    odd = (spouse["relationship"] == "Husband") != (spouse["gender"] == "Male")
    assert f"of {100 * len(spouse) / len(people):.0f} % of the people" in text and odd.sum() == 3
    assert "but for three of them" in text


def test_the_dendrogram_joins_what_the_text_says(told):
    names, linkage = told.clusters
    joined = [frozenset([name]) for name in names]
    for a, b, *_ in linkage:
        joined.append(joined[int(a)] | joined[int(b)])
    for together in [{"education", "education-num"}, {"gender", "relationship"}, {"age", "marital-status"},
                     {"loan", "education", "education-num", "occupation"}]:
        assert together in joined


def test_missing_cells_as_a_category(notebook, told, outputs_of):
    lost = told.people[["workclass", "occupation"]].isna()
    assert lost["occupation"][lost["workclass"]].all()
    others = told.people[lost["occupation"] & ~lost["workclass"]]
    assert len(others) == 7 and set(others["workclass"]) == {"Never-worked"}
    [table] = outputs_of(notebook, "trap")
    left_out, category = (float(x) for x in re.findall(r"cramers_v\s+(0\.\d+)", table))
    assert 1.75 < category / left_out < 2 and category == pytest.approx(0.4, abs=0.001)


def test_the_split_and_the_balance(notebook, told, text, outputs_of):
    rows = {name: set(part) for name, part in told.rows.items()}
    assert not rows["train"] & rows["test"] and not rows["left_out"]
    assert len(rows["train"] | rows["test"]) == len(told.people)
    crossed = pd.crosstab(told.people["gender"], told.people["loan"])
    for part, share in (("test", 0.3), ("train", 0.7)):
        counts = pd.crosstab(told.people["gender"].iloc[told.rows[part]], told.people["loan"].iloc[told.rows[part]])
        assert np.abs(counts - share * crossed).to_numpy().max() <= 0.5
    in_test = int((told.women & told.rich)[told.test].sum())
    in_train = int((told.women & told.rich).sum()) - in_test
    assert f"with {in_test} such women in the test" in text and f"the {in_train} women above 50,000" in text
    assert "gender = Female and label = 1: 1,179" in outputs_of(notebook, "refused_split")[0]
    train = told.people.iloc[told.rows["train"]]
    largest = pd.crosstab(train["gender"], train["loan"]).to_numpy().max()
    balanced = pd.DataFrame(told.balanced)
    counts = pd.crosstab(balanced["gender"], balanced["label"])
    assert counts.loc["Female"].tolist() == [6714, round(0.5 * largest)]
    assert counts.loc["Male"].tolist() == [round(0.8 * largest), round(0.5 * largest)]
    assert 6 < counts.loc["Female", 1] / in_train < 7
    columns = ["age", "occupation", "education", "hours-per-week", "capital-gain", "relationship"]
    as_file = train.fillna("").assign(label=(train["loan"] == ">50K").astype(int))[["gender", "label", *columns]]
    assert set(balanced[as_file.columns].itertuples(index=False, name=None)) \
        <= set(as_file.itertuples(index=False, name=None)), "nobody new, and nobody of the test alone"
    shown = numbers(outputs_of(notebook, "shares")[0])
    for name, gender in (("gender:Female", "Female"), ("gender:Male", "Male")):
        of = train["gender"] == gender
        assert shown[name][:2] == pytest.approx([(train["loan"][of] == ">50K").mean(),
                                                 balanced["label"][balanced["gender"] == gender].mean()], abs=6e-4)


def test_what_the_model_gets_wrong(notebook, told, text, outputs_of):
    shown = {name: float(value) for name, value in re.findall(r"(accuracy|auc)\s+(0\.\d+)",
                                                              outputs_of(notebook, "overall")[0])}
    assert shown["accuracy"] == pytest.approx(told.accuracy("plain"), abs=6e-4)
    assert shown["auc"] == pytest.approx(told.auc("plain"), abs=6e-4)
    assert f"right for {100 * (1 - told.rich.mean()):.0f} %" in text
    of = {row["metric"]: row for row in told.gaps}
    refused, granted = of["false_negative_rate"], of["false_positive_rate"]
    assert (refused["value"], refused["reference_value"]) == pytest.approx(
        (told.refused_rate("plain", True), told.refused_rate("plain", False)))
    assert (granted["value"], granted["reference_value"]) == pytest.approx(
        (told.granted_rate("plain", False, True), told.granted_rate("plain", False, False)))
    assert refused["lower"] > 0 and granted["upper"] < -0.05
    assert 3.5 < granted["reference_value"] / granted["value"] < 6
    confusion = words_of(outputs_of(notebook, "confusion", "text/html")[0])
    for gender, women in (("Female", True), ("Male", False)):
        right = told.women[told.test] == women
        share = ((told.scores["plain"] > 0.5) == told.rich[told.test])[right].mean()
        assert f"{gender} {share:.1%}" in confusion


def test_refusals_by_group_are_those_of_the_file(told, text):
    judged = told.people.iloc[told.test].assign(refused=told.scores["plain"] <= 0.5)[told.rich[told.test]]
    ages = pd.cut(judged["age"], [0, 25, 35, 45, 55, 65, 99], right=False,
                  labels=["< 25", "[25, 35)", "[35, 45)", "[45, 55)", "[55, 65)", ">= 65"])
    expected = {"Overall": (judged["refused"].mean(), len(judged))}
    for name, column in (("gender", judged["gender"]), ("ethnicity", judged["ethnicity"]), ("age", ages)):
        for value, part in judged["refused"].groupby(column, observed=True):
            expected[f"{name}:{value}"] = (part.mean(), len(part))
    assert {name: tuple(row) for name, *row in told.rates} == {name: pytest.approx(row) for name, row in
                                                              expected.items()}
    few = {name for name, (_, n) in expected.items() if n < 30}
    assert few == {"age:< 25", "ethnicity:Other", "ethnicity:Amer-Indian-Eskimo"}, "one of section 1, and some more"
    assert expected["age:< 25"][0] > 0.5, "most of the young"
    assert f"{100 * told.rich[told.people['age'] < 25].mean():.0f} in 100, and" in text


def test_the_curves_are_those_of_the_scores(told):
    for kind, curve in told.curves.items():
        curve = pd.DataFrame(curve).query("slice != 'Overall'")
        for row in curve.iloc[:: len(curve) // 80].to_dict("records"):
            women, at = row["slice"] == "gender:Female", {"threshold": row["threshold"]}
            hits, rich = told.granted("plain", True, women, **at)
            false, _ = told.granted("plain", False, women, **at)
            expected = {"recall": hits / rich, "precision": hits / (hits + false) if hits + false else np.nan} \
                if kind == "precision_recall" else {"true_positive_rate": hits / rich, "false_positive_rate":
                                                    told.granted_rate("plain", False, women, **at)}
            assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert told.auc("plain", True) > told.auc("plain", False) + 0.03, "the curve of women lies higher"
    women = told.women[told.test]
    precision = {side: average_precision_score(told.rich[told.test][women == side],
                                               told.scores["plain"][women == side]) for side in (True, False)}
    assert precision[True] < precision[False], "and there the curve of men"


def test_importance_tells_what_the_text_says(told):
    found = {row["feature"]: row for row in told.importance}
    assert len(found) == 11
    family, gender = found["marital-status + relationship + gender"], found["gender"]
    assert max(found.values(), key=lambda row: row["importance"]) is family
    assert family["importance"] == pytest.approx(0.13, abs=0.02) and gender["importance"] < 0.006
    assert family["lower"] > max(row["upper"] for name, row in found.items() if row is not family)
    assert all(row["lower"] < row["importance"] < row["upper"] for row in found.values())


def test_what_balancing_changes(notebook, told, text, outputs_of):
    [quality] = outputs_of(notebook, "balanced_quality")
    for metric, of in (("accuracy", told.accuracy), ("auc", told.auc)):
        first, second, _, lower, upper = map(float, re.search(rf"{metric}\s+(.*)", quality)[1].split())
        assert (first, second) == pytest.approx((of("plain"), of("balanced")), abs=6e-4)
        assert lower < upper < 0
    rates = words_of(outputs_of(notebook, "granted", "text/html")[0])
    for women, name in ((True, "Female"), (False, "Male")):
        for model in ("plain", "balanced"):
            assert f"{100 * told.granted_rate(model, None, women):.1f} %" in rates, name
    assert told.gap("balanced") < -0.05 < 0 < told.gap("plain")


def test_what_min_diff_changes(notebook, told, outputs_of):
    shown = numbers(re.sub(r"(?m)^\d+ ", "", outputs_of(notebook, "matched")[0]))
    for women, name in ((True, "gender:Female"), (False, "gender:Male")):
        rates = [told.refused_rate("control", women), told.refused_rate("mindiff", women, told.threshold)]
        assert shown[name][:2] == pytest.approx(rates, abs=6e-4)
        assert shown[name][2] == pytest.approx(rates[1] - rates[0], abs=1.1e-3)
    assert told.refused_rate("mindiff", None, told.threshold) == pytest.approx(told.refused_rate("control"), abs=0.005)
    [women] = [row for row in told.closed if row["slice"] == "gender:Female"]
    assert women["gap_before"] == pytest.approx(told.gap("control"))
    assert women["gap_after"] == pytest.approx(told.gap("mindiff", told.threshold))
    assert women["gap_verdict"] == "no evidence", "as the text says"
    assert women["gap_after_lower"] < 0 < women["gap_after_upper"]
    assert told.refused_rate("control", True) - told.refused_rate("mindiff", True) > 0.02
    assert women["gap_change_upper"] < 0 and women["change_upper"] < 0 and abs(women["gap_after"]) < 0.045
    quality = outputs_of(notebook, "quality")[0]
    for metric, of in (("accuracy", told.accuracy), ("auc", told.auc)):
        first, second, _, lower, _ = map(float, re.search(rf"{metric}\s+(.*)", quality)[1].split())
        assert (first, second) == pytest.approx((of("control"), of("mindiff")), abs=6e-5)
        assert lower > -0.005
    worse = re.findall(r"(false_\w+_rate)\s+(\S+)", outputs_of(notebook, "got_worse")[0])
    assert {("false_negative_rate", "gender:Male"), ("false_positive_rate", "gender:Female")} <= set(worse)


def test_the_text_says_what_came_out(told, text):
    """Each number of the text, with some room for other machines: trainings there end a little elsewhere."""
    share = {women: told.rich[told.women == women].mean() for women in (True, False)}
    balanced = pd.DataFrame(told.balanced)
    women_in_balanced = balanced["label"][balanced["gender"] == "Female"].mean()
    gain = told.refused_rate("control", True) - told.refused_rate("mindiff", True, told.threshold)
    claims = {
        r"and (\d+) % of them are above 50,000": (share[True], 0.5),
        r"where it is (\d+) % of the men": (share[False], 0.5),
        r"balanced data (\d+) % of the women": (women_in_balanced, 0.5),
        r"in the test (\d+) %": (share[True], 0.5),
        r"About (\d+) % right": (told.accuracy("plain"), 1),
        r"\(label 1\) (\d+) % of the women": (told.refused_rate("plain", True), 5),
        r"are refused and (\d+) % of the men": (told.refused_rate("plain", False), 5),
        r"\(label 0\) (\d+) % of the men": (told.granted_rate("plain", False, False), 3),
        r"loan, and (\d+) % of the women": (told.granted_rate("plain", False, True), 1.5),
        r"above 50,000 about (\d+) % are refused": (told.refused_rate("balanced", True), 4),
        r"are refused, of the men (\d+) %": (told.refused_rate("balanced", False), 5),
        r"About (\d+) % of the women, where": (told.granted_rate("balanced", None, True), 3),
        r"The gap falls from (\d+) points": (told.gap("control"), 4),
        r"points to about (-\d+)": (told.gap("mindiff", told.threshold), 4),
        r"some (\d+) in 100 fewer": (gain, 3),
        r"the loan, (\d+) % instead": (told.granted_rate("mindiff", False, True, told.threshold), 1.5),
        r"instead of (\d+) %": (told.granted_rate("control", False, True), 1.5),
    }
    for pattern, (actual, room) in claims.items():
        [said] = re.findall(pattern, text)
        assert abs(float(said) - 100 * actual) <= room, f"{pattern}: {said}, not {100 * actual:.1f}"


@pytest.mark.parametrize("tag", PICTURES)
def test_its_pictures_are_there(tag, notebook, outputs_of):
    [png] = outputs_of(notebook, tag, "image/png")
    assert len(png) > 4000 and png.startswith("iVBOR")
