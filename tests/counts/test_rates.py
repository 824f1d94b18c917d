"""What others call a rate, against scikit-learn's and fairlearn's own functions of that name."""

import fairlearn.metrics
import numpy as np
import pytest
import sklearn.metrics

import fairkit
from fairkit.counts.rates import OTHER_NAMES, RATES
from fairkit.errors import FairkitError, nearest
from fairkit.evaluation.specs import metric_names


def test_every_other_name_leads_to_what_there_is_and_is_no_name_itself():
    for other, meant in OTHER_NAMES.items():
        assert other not in metric_names() and set(meant.removeprefix("1 - ").split()) <= set(metric_names()), other
        first = meant.removeprefix("1 - ").split()[0]
        assert nearest(other, metric_names(), other_names=OTHER_NAMES).startswith(repr(first))


@pytest.mark.parametrize(("other", "function"), [
    ("selection_rate", lambda y, p, s: fairlearn.metrics.selection_rate(y, p)),
    ("fpr", lambda y, p, s: fairlearn.metrics.false_positive_rate(y, p)),
    ("fall-out", lambda y, p, s: fairlearn.metrics.false_positive_rate(y, p)),
    ("FNR", lambda y, p, s: fairlearn.metrics.false_negative_rate(y, p)),
    ("miss rate", lambda y, p, s: fairlearn.metrics.false_negative_rate(y, p)),
    ("tpr", lambda y, p, s: fairlearn.metrics.true_positive_rate(y, p)),
    ("Sensitivity", lambda y, p, s: sklearn.metrics.recall_score(y, p)),
    ("tnr", lambda y, p, s: fairlearn.metrics.true_negative_rate(y, p)),
    ("ppv", lambda y, p, s: sklearn.metrics.precision_score(y, p)),
    ("npv", lambda y, p, s: sklearn.metrics.precision_score(1 - y, 1 - p)),
    ("for", lambda y, p, s: 1 - sklearn.metrics.precision_score(1 - y, 1 - p)),
    ("fdr", lambda y, p, s: 1 - sklearn.metrics.precision_score(y, p)),
    ("f1", lambda y, p, s: sklearn.metrics.f1_score(y, p)),
    ("accuracy_score", lambda y, p, s: sklearn.metrics.accuracy_score(y, p)),
    ("error_rate", lambda y, p, s: sklearn.metrics.zero_one_loss(y, p)),
    ("roc_auc", lambda y, p, s: sklearn.metrics.roc_auc_score(y, s)),
    ("prevalence", lambda y, p, s: y.mean()),
])
def test_another_name_means_the_same_number(other, function):
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 300), rng.random(300)
    evaluation = fairkit.evaluate(scores, fairkit.Examples(labels=labels, groups={}), thresholds=[0.5])
    with pytest.raises(FairkitError) as raised:
        evaluation.value(other, threshold=0.5)
    said = str(raised.value).split("Expected: ")[1]
    metric, how = said.split("'")[1], said.split("(")[1].split(")")[0]
    value = evaluation.value(metric, threshold=0.5 if metric in RATES else None)
    expected = function(labels, (scores > 0.5).astype(int), scores)
    assert (1 - value if "is 1 minus it" in how else value) == pytest.approx(expected)


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    examples = fairkit.Examples(labels=rng.integers(0, 2, 80), groups={"color": rng.choice(["red", "blue"], 80)})
    return fairkit.evaluate(rng.random(80), examples, ["color"], [0.5])


@pytest.mark.parametrize("ask", [
    lambda e, name: e.gaps(name), lambda e, name: e.any_gap(name), lambda e, name: e.best_and_worst(name),
    lambda e, name: e.check({name: 0.1}), lambda e, name: e.detectable_gap(name), lambda e, name: e.rows(name),
    lambda e, name: e.value(name), lambda e, name: e.bootstrap(5).gaps(name),
    lambda e, name: fairkit.compare(e, e, name),
    lambda e, name: fairkit.evaluate(e.predictions, metrics=[name]), lambda e, name: fairkit.view.board(e, metric=name),
    lambda e, name: e.report(metric=name), lambda e, name: fairkit.view.plot_rates(e, metric=name),
    lambda e, name: e.check(at_least={name: 0.1}),
    lambda e, name: fairkit.remediation.fit_group_thresholds(e, by="color", rate=name),
])
def test_selection_rate_leads_to_positive_rate_wherever_a_metric_is_named(evaluation, ask):
    with pytest.raises(FairkitError, match=r"Expected: 'positive_rate' \(what is called 'selection_rate' elsewhere\)"):
        ask(evaluation, "selection_rate")
