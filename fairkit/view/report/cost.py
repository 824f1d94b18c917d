"""What a remedy cost, in a sentence beside the answer: accuracy, and the rates that got worse."""

from fairkit.view.report.figures import share
from fairkit.view.report.result_tables import became, worse_rows
from fairkit.view.report.words import quoted, slice_label
from fairkit.view.wording import spoken

__all__ = ["cost_sentences"]

_NAMED = 2  # slices that are told by name


def cost_sentences(subject):
    """One for each later model that is compared with the first.

    Example: "What MinDiff cost: accuracy 92.4 % before and 92.4 % after (no evidence of a change); one rate is shown to
    have got worse at the thresholds compared here, the false positive rate of color blue (1.8 % to 8.7 %)."
    """
    return [f"What {_change_of(model.name)} cost: {'; '.join([*_accuracy(comparison), _worse(model, subject)])}."
            for model, comparison in zip(subject.models[1:], subject.comparisons)
            if comparison is not None and subject.match(comparison) is not None]


def _change_of(name):
    return "the change" if name == "after" else quoted(name)


def _accuracy(comparison):
    for row in comparison.quality.to_dict("records"):
        if row["metric"] == "accuracy":
            yield f"accuracy {share(row['before'])} before and {share(row['after'])} after ({became(row)})"


def _worse(model, subject):
    kind = next(subject.match(comparison).kind for later, comparison in zip(subject.models[1:], subject.comparisons)
                if later is model)
    rows = [(key, row) for later, key, row, few in worse_rows(subject)
            if later is model and not few and row["thresholds"] == kind
            and (key or row["metric"] != "accuracy")]  # overall accuracy is told before
    if not rows:
        return "no slice is shown to have got worse by this rate or its opposite at the thresholds compared here"
    rows.sort(key=lambda each: (len(each[0]), -abs(each[1]["change"])))
    told = [f"the {spoken(row['metric'])} {'of ' + slice_label(key) if key else 'overall'} "
            f"({share(row['before'])} to {share(row['after'])})" for key, row in rows[:_NAMED]]
    how = "one rate is" if len(rows) == 1 else f"{len(rows)} rates are"
    among = ", " if len(rows) <= _NAMED else ", among them "
    return f"{how} shown to have got worse at the thresholds compared here{among}{' and '.join(told)}"
