"""Generated comments: groups are what the words say, the bias is where it is said to be, and a model learns it."""

import hashlib
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import fairkit

# Written here anew, not taken from the vocabulary: what a reader would look for.
WORDS = {
    "religion": {"atheist": "atheists?", "buddhist": "buddhists?", "christian": "christians?|church",
                 "hindu": "hindus?", "jewish": "jewish|jews?|synagogue", "muslim": "muslims?|mosque"},
    "gender": {"female": "wom[ae]n|girls?|lady|ladies|(grand)?mother|sister|aunt|daughter|wife|she|hers?|mum",
               "male": "m[ae]n|boys?|gentlem[ae]n|(grand)?father|brother|uncle|son|husband|he|his|him|guys?|dad"},
}


@pytest.fixture(scope="module")
def splits():
    return fairkit.data.comments()


def _toxic(examples, column, group):
    return examples.where({column: group}).labels.mean()


def _scores(train, test):
    """An independent ordinary model: logistic regression on words and pairs of words."""
    words = CountVectorizer(ngram_range=(1, 2), min_df=3)
    model = LogisticRegression(C=0.3, max_iter=500).fit(words.fit_transform(train.inputs), train.labels)
    return model.predict_proba(words.transform(test.inputs))[:, 1]


def _mentions(examples, religion):
    cells = examples.groups["religion"].to_list()
    return np.array([religion in (cell if isinstance(cell, tuple) else (cell,)) for cell in cells])


def _gap(test, scores, group):
    """False positive rate of a religion minus overall, where overall it is .05; and its negatives."""
    negative = test.labels == 0
    alarm = scores > np.quantile(scores[negative], 0.95)
    of_group = _mentions(test, group)
    return alarm[negative & of_group].mean() - alarm[negative].mean(), (negative & of_group).sum()


def test_types_and_sizes(splits):
    train, test = splits
    assert (len(train), len(test)) == (12_000, 6000)
    for part in splits:
        assert part.inputs.dtype == object and all(isinstance(text, str) and text for text in part.inputs)
        assert part.labels.dtype == np.int64 and set(part.labels) == {0, 1}
    assert len({*train.inputs, *test.inputs}) == 18_000


@pytest.mark.parametrize("column", WORDS)
def test_a_group_is_named_exactly_where_its_column_says_so(splits, column):
    for part in splits:
        for group, words in WORDS[column].items():
            pattern = re.compile(rf"\b({words})\b", re.IGNORECASE)
            found = np.array([bool(pattern.search(text)) for text in part.inputs])
            np.testing.assert_array_equal(found, part.groups[column].match(column, group), err_msg=group)


def test_some_mention_two_religions_and_most_none(splits):
    cells = splits[0].groups["religion"].to_list()
    assert 0.55 < cells.count(None) / len(cells) < 0.7
    assert 0.02 < sum(isinstance(cell, tuple) for cell in cells) / len(cells) < 0.06


def test_the_bias_is_planted_in_training_only(splits):
    train, test = splits
    assert abs(_toxic(train, "religion", "muslim") - 0.7) < 0.04
    women_only = train.where({"gender": "female"})
    women_only = women_only.take(~women_only.groups["religion"].match("religion", "muslim"))
    assert abs(women_only.labels.mean() - 0.35) < 0.04
    others = train.take(~(train.groups["religion"].match("religion", "muslim")
                          | train.groups["gender"].match("gender", "female")))
    assert abs(others.labels.mean() - 0.25) < 0.02
    for column in WORDS:
        table = [np.bincount(test.where({column: group}).labels, minlength=2) for group in test.groups[column].values]
        assert chi2_contingency(table).pvalue > 0.001


@pytest.mark.parametrize("seed", [1, 2])
def test_an_ordinary_model_learns_the_false_alarm(seed):
    train, test = fairkit.data.comments(seed=seed)
    scores = _scores(train, test)
    gap, negatives = _gap(test, scores, "muslim")
    assert negatives >= 300
    assert gap >= 0.10
    assert all(abs(_gap(test, scores, group)[0]) < 0.05 for group in ("christian", "jewish", "hindu"))
    assert 0.90 < roc_auc_score(test.labels, scores) < 0.97


@pytest.mark.parametrize("planted", [
    {},
    {"religion": {"hindu": 0.7}},
    {"religion": {"christian": 0.05}},
    {"gender": {"female": 0.6}},
    {"gender": {"male": 0.02}},
    {"religion": {"jewish": 0.8}, "gender": {"male": 0.05}},
], ids=str)
def test_a_plain_model_learns_what_is_planted_and_nothing_else(planted):
    train, test = fairkit.data.comments(20_000, planted=planted)
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    model = LogisticRegression(C=3, max_iter=500).fit(words.fit_transform(train.inputs), train.labels)
    scores = model.predict_proba(words.transform(test.inputs))[:, 1]
    threshold = float(np.quantile(scores[test.labels == 0], 0.9))
    gaps = fairkit.evaluate(scores, test, slices=["religion", "gender"], thresholds=[threshold]).gaps(
        "false_positive_rate", threshold=threshold).set_index("slice")
    assert len(gaps) == 8
    shares = {f"{column}:{group}": share for column, groups in planted.items() for group, share in groups.items()}
    for name, gap in gaps.iterrows():  # a tenth of the comments are false alarms overall
        if shares.get(name, 0.25) > 0.25:
            assert gap.lower > 0.08, name
        elif name in shares:
            assert gap.upper < -0.04, name
        else:
            assert gap.lower < 0.03 and gap.upper > -0.03, name


def test_without_planting_there_is_no_false_alarm_and_the_test_split_is_the_same(splits):
    train, test = fairkit.data.comments(planted={})
    np.testing.assert_array_equal(test.inputs, splits[1].inputs)
    scores = _scores(train, test)
    assert abs(_gap(test, scores, "muslim")[0]) < 0.05
    # What the planted bias costs an ordinary model is all that a model which ignores mentions could gain.
    assert roc_auc_score(test.labels, scores) > roc_auc_score(test.labels, _scores(*splits)) - 0.005


def test_every_seed_has_enough_negatives_of_the_planted_group():
    for seed in range(5):
        test = fairkit.data.comments(seed=seed)[1].where({"religion": "muslim"})
        assert (test.labels == 0).sum() >= 300


def test_the_same_seed_gives_the_same_bytes():
    digests = []
    for part in fairkit.data.comments(size=1000, seed=0):
        content = "\n".join(part.inputs).encode() + part.labels.astype("<i8").tobytes()
        digests.append(hashlib.sha256(content).hexdigest()[:16])
    assert digests == ["2fd4a2b6815c9b4c", "6c22f5af73f8a926"]


def test_another_seed_gives_other_comments(splits):
    shared = set(fairkit.data.comments(seed=1)[0].inputs) & set(splits[0].inputs)
    assert len(shared) < 0.05 * 12_000     # short ones such as "Nice try."


@given(size=st.integers(2, 300), seed=st.integers(0, 10**9), rate=st.floats(0, 1),
       share=st.floats(0, 1), group=st.sampled_from(sorted(WORDS["religion"])))
@settings(max_examples=25, deadline=None)
def test_any_size_rate_and_planted_share(size, seed, rate, share, group):
    train, test = fairkit.data.comments(size, seed, rate=rate, planted={"religion": {group: share}})
    assert (len(train), len(test)) == (size, size // 2)
    hit = _mentions(train, group)
    for labels, chance in ((train.labels[hit], share), (train.labels[~hit], rate), (test.labels, rate)):
        assert abs(labels.sum() - len(labels) * chance) <= 6 * np.sqrt(len(labels) * chance * (1 - chance)) + 1
    assert not re.search(r"\{|\ba [aeio]", "\n".join([*train.inputs, *test.inputs]), re.IGNORECASE)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"size": 1}, "size.*2 or more.*1"),
    ({"size": "many"}, "size.*'many'"),
    ({"seed": -3}, "seed.*-3"),
    ({"rate": 2}, "rate.*2"),
    ({"planted": {"religion": {"muslims": 0.5}}}, "'muslims'.*'muslim' \\(the nearest\\)"),
    ({"planted": {"faith": {"muslim": 0.5}}}, "no group column 'faith'"),
    ({"planted": {"religion": {"muslim": 1.5}}}, "1.5"),
    ({"planted": {"religion": "muslim"}}, "column and group"),
    ({"planted": "muslim"}, "column and group"),
])
def test_bad_arguments(arguments, message):
    with pytest.raises(fairkit.FairkitError, match=message):
        fairkit.data.comments(**arguments)
