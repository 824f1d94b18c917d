"""What a refusal tells its reader to do instead works: each way out that a message names is walked."""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

import fairkit
from fairkit import Examples, FairkitError
from fairkit.cli import main
from fairkit.quiet import keras
from fairkit.remediation.sweeps.sweeping import load_sweep

matplotlib.use("Agg")

N = 240
RNG = np.random.default_rng(6)
LABELS = RNG.integers(0, 2, N)
COLOR, SIZE = RNG.choice(["blue", "orange"], N), RNG.choice(["big", "small"], N)
INPUTS = np.stack([LABELS + RNG.normal(size=N), RNG.normal(size=N)], axis=1).astype("float32")
SCORES, OTHERS = (RNG.random(N) + LABELS) / 2, (RNG.random(N) + LABELS) / 2
CLASSES, TRUTH = RNG.dirichlet(np.ones(3), N), RNG.integers(0, 3, N)
BOTH = [["blue", "orange"] if k % 5 == 0 else [color] for k, color in enumerate(COLOR)]
EXAMPLES = Examples(labels=LABELS, inputs=INPUTS, groups={"color": COLOR, "size": SIZE, "age": np.arange(N) % 60})
MIXED = Examples(labels=LABELS, inputs=INPUTS, groups={"color": BOTH})
PREDICTIONS = fairkit.predict(SCORES, EXAMPLES)
MULTICLASS = fairkit.Predictions(TRUTH, CLASSES, {"color": COLOR})
FRAME = pd.DataFrame({"y": LABELS, "score": SCORES, "color": COLOR, "size": SIZE})


def network():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model


def evaluated(scores=SCORES, **options):
    return fairkit.evaluate(scores, EXAMPLES, **{"slices": ["color", ("color", "size")], "thresholds": [0.3, 0.5],
                                                 **options})


def walked(ways):
    """A test's parameters: (what is refused, what the message names, what is done instead)."""
    return pytest.mark.parametrize(("refused", "says", "instead"), [pytest.param(*way, id=name) for name, way in
                                                                    ways.items()])


def walk(refused, says, instead):
    with pytest.raises(FairkitError) as error:
        refused()
    assert says in str(error.value)
    return instead()


def evaluate_classes(**options):
    return fairkit.evaluate(MULTICLASS, slices=["color"], thresholds=[0.3], **options)


@walked({
    "quantiles of chunks": (
        lambda: fairkit.evaluate([PREDICTIONS], slices=[{"age": fairkit.quantiles(2)}]), "fairkit.bins(...) with the",
        lambda: fairkit.evaluate([PREDICTIONS], slices=[{"age": fairkit.bins(30)}], thresholds=[0.5]).slices),
    "chunks of something else": (
        lambda: fairkit.evaluate(iter([SCORES]), slices=["color"]), "an iterable of fairkit.Predictions",
        lambda: fairkit.evaluate(iter([PREDICTIONS]), slices=["color"]).slices),
    "predictions with examples": (
        lambda: fairkit.evaluate(PREDICTIONS, EXAMPLES), "evaluate(predictions) without examples",
        lambda: fairkit.evaluate(PREDICTIONS).thresholds),
    "scores without examples": (
        lambda: fairkit.evaluate(SCORES), "evaluate(model, examples)",
        lambda: fairkit.evaluate(SCORES, EXAMPLES).thresholds),
    "classes of a binary score": (
        lambda: evaluated(classes=[1]), "classes=None for a binary score", lambda: evaluated(classes=None).thresholds),
    "a rate in place of accuracy": (
        lambda: fairkit.compare(evaluated(), evaluated(OTHERS), metric="auc"), "compare(before, after).quality has the",
        lambda: "auc" in fairkit.compare(evaluated(), evaluated(OTHERS)).quality["metric"].tolist()),
    "accuracy of classes at thresholds": (
        lambda: fairkit.compare(evaluate_classes(), evaluate_classes(), metric="accuracy", thresholds={0.3: 0.3}),
        "thresholds=None, or another metric",
        lambda: fairkit.compare(evaluate_classes(), evaluate_classes(), metric="accuracy").frame),
    "a reference without gaps": (
        lambda: evaluated().check(at_least={"auc": 0.1}, reference={"color": "blue"}), "limits= of gaps",
        lambda: evaluated().check({"false_positive_rate": 1}, reference={"color": "blue"}, threshold=0.5).frame),
    "a name that is taken": (
        lambda: fairkit.add_rate("recall", {"tp": 1}, {"tp": 1, "fn": 1}), "another name", lambda: ["recall"]),
    "a chart of another metric": (
        lambda: fairkit.compare(evaluated(), evaluated(OTHERS)).plot("gaps", metric="recall"),
        "fairkit.compare(before, after, metric='recall')",
        lambda: fairkit.compare(evaluated(), evaluated(OTHERS), metric="recall").plot("gaps", metric="recall").frame),
    "limits of TFMA's gaps": (
        lambda: from_files().check({"recall": 0.1}), "at_least=, at_most=",
        lambda: [from_files().check(at_least={"auc": 0.1}).frame, from_files().check(at_most={"auc": 1}).frame]),
    "counts of TFMA's files": (
        lambda: from_files().gaps("recall"), "an evaluation by engine='counts'",
        lambda: evaluated().gaps("recall", threshold=0.5)),
    "text that is not a record": (
        lambda: fairkit.evaluate(network(), "records.tfrecord"), "engine='tfma', or fairkit.Examples",
        lambda: fairkit.evaluate(network(), EXAMPLES).thresholds),
})
def test_of_evaluation(refused, says, instead):
    assert walk(refused, says, instead) is not None


def from_files():
    """What TFMA's files hold of an evaluation."""
    import tempfile

    from fairkit.evaluation.tfma.result import load_tfma

    with tempfile.TemporaryDirectory() as folder:
        evaluated().save(folder)
        return load_tfma(folder)


@walked({
    "balance with several values": (
        lambda: fairkit.analysis.balance(MIXED, "color"), "several='keep'",
        lambda: [fairkit.analysis.balance(MIXED, "color", several="keep"),
                 fairkit.analysis.balance(MIXED, "color", to={fairkit.only("blue"): 20})]),
    "sizes of cells that hold more": (
        lambda: fairkit.analysis.balance(MIXED, "color", to={"blue": 20}), "fairkit.only('blue')",
        lambda: [fairkit.analysis.balance(MIXED, "color", to={fairkit.only("blue"): 20})]),
    "sizes said twice": (
        lambda: fairkit.analysis.balance(EXAMPLES, "color", to=20, upsample=0.5), "to=, or upsample= and downsample=",
        lambda: [fairkit.analysis.balance(EXAMPLES, "color", to=20),
                 fairkit.analysis.balance(EXAMPLES, "color", upsample=0.5, downsample=1)]),
    "a facet's values beside several": (
        lambda: fairkit.bias_report(FRAME, label="y", facet=["color", "size"], facet_values="blue"),
        "facet={name: values, ...}",
        lambda: [fairkit.bias_report(FRAME, label="y", facet={"color": "blue", "size": "big"})]),
    "scores in place of labels": (
        lambda: fairkit.bias_report(FRAME, label="y", facet="color", predictions="score"), "thresholds= for scores",
        lambda: [fairkit.bias_report(FRAME, label="y", facet="color", predictions="score", thresholds=0.5)]),
    "mentions that are there": (
        lambda: fairkit.data.annotate_mentions(texts(), "religion"), "replace=True",
        lambda: [fairkit.data.annotate_mentions(texts(), "religion", replace=True)]),
    "noise in other images": (
        lambda: fairkit.data.handwritten_numbers("starting", noise=0.1, size=100), "name='customer'",
        lambda: fairkit.data.handwritten_numbers("customer", noise=0.1, size=100)),
    "periods": (
        lambda: fairkit.data.read(months(), label="y", groups="month"), "frame['month'].astype(str)",
        lambda: [fairkit.data.read(months().assign(month=months()["month"].astype(str)), label="y", groups="month")]),
    "a missing input": (
        lambda: Examples(labels=[0, 1], groups={}, inputs=[1.0, None]), "missing_inputs='keep'",
        lambda: [Examples(labels=[0, 1], groups={}, inputs=[1.0, None], missing_inputs="keep")]),
    "one-hot labels": (
        lambda: Examples(labels=np.eye(2), groups={}), ".argmax(axis=1)",
        lambda: [Examples(labels=np.eye(2).argmax(axis=1), groups={})]),
    "labels in two spellings": (
        lambda: fairkit.data.read(pd.DataFrame({"y": ["Yes", "yes", "no"]}), label="y", positive=["Yes"]),
        "both named, as in ['Yes', 'yes']",
        lambda: [fairkit.data.read(pd.DataFrame({"y": ["Yes", "yes", "no"]}), label="y", positive=["Yes", "yes"])]),
})
def test_of_data_and_their_analysis(refused, says, instead):
    assert all(len(part) if isinstance(part, Examples) else str(part) for part in walk(refused, says, instead))


def texts():
    return Examples(inputs=["Muslims pray.", "So do Jews."], labels=[0, 1], groups={"religion": ["a", "b"]})


def months():
    return pd.DataFrame({"y": [0, 1], "month": pd.period_range("2026-01", periods=2, freq="M")})


def test_of_files(tmp_path):
    path = tmp_path / "data.csv"
    several = Examples(labels=[0, 1], groups={"g": [["a", "b"], "c"]})
    walk(lambda: fairkit.data.write(several, path, separator=None), "separator='|'",
         lambda: fairkit.data.write(several, path, separator="|"))
    assert fairkit.data.read(path, label="label", groups="g", separator="|").groups["g"].to_list() == [("a", "b"), "c"]
    walk(lambda: fairkit.data.write(several, path, separator="|"), "overwrite=True",
         lambda: fairkit.data.write(several, path, separator="|", overwrite=True))
    holding = Examples(labels=[0, 1], groups={"g": ["a|b", "c"]})
    with pytest.raises(FairkitError, match="another separator, such as separator=';'|or separator=None") as error:
        fairkit.data.write(holding, path, separator="|", overwrite=True)
    other = str(error.value).partition("such as separator='")[2][0]
    for separator in (other, None):
        fairkit.data.write(holding, path, separator=separator, overwrite=True)
    path.write_bytes("label,g\n0,Zoë\n1,b\n".encode("latin-1"))
    read = walk(lambda: fairkit.data.read(path, label="label", groups="g"), "encoding= for CSV, such as 'latin-1'",
                lambda: fairkit.data.read(path, label="label", groups="g", encoding="latin-1"))
    assert read.groups["g"].to_list() == ["Zoë", "b"]
    path.write_text("label;g\n0;a\n1;b\n")
    read = walk(lambda: fairkit.data.read(path, label="label", groups="g"), "delimiter=';'",
                lambda: fairkit.data.read(path, label="label", groups="g", delimiter=";"))
    assert len(read) == 2


OPTIONS = {"epochs": 1, "batch_size": 64, "min_diff_batch_size": 16}


@walked({
    "groups that overlap": (
        lambda: fairkit.remediate(network(), MIXED, sensitive={"color": "orange"}, nonsensitive={"color": "blue"},
                                  **OPTIONS), "fairkit.only(value), COLUMN==V",
        lambda: [fairkit.remediate(network(), MIXED, sensitive={"color": fairkit.only("orange")},
                                   nonsensitive={"color": fairkit.only("blue")}, **OPTIONS),
                 fairkit.remediate(network(), MIXED, sensitive={"color": "orange"}, nonsensitive={"color": "blue"},
                                   allow_overlap=True, **OPTIONS)]),
    "slices too small to weigh by": (
        lambda: fairkit.remediate(network(), EXAMPLES, validation=EXAMPLES, epochs=1, reweight_slices={
            "slices": ["color"], "min_examples": 10_000}), "a smaller min_examples",
        lambda: [fairkit.remediate(network(), EXAMPLES, validation=EXAMPLES, epochs=1, reweight_slices={
            "slices": ["color"], "min_examples": 5})]),
    "one seed": (
        lambda: swept().choose(max_gap=1), "intervals=False",
        lambda: [swept().choose(max_gap=1, intervals=False)]),
    "a method that is not a dict": (
        lambda: swept(methods={"own": "color"}), "{'reweight': 'color'}",
        lambda: [swept(methods={"own": {"reweight": "color"}})]),
    "loss weights of no groups": (
        lambda: swept(methods=None, loss_weights=[1]), "sensitive={'color': 'orange'}",
        lambda: [swept(methods=None, loss_weights=[1], sensitive={"color": "orange"}, min_diff_batch_size=16)]),
    "slices too small to sweep": (
        lambda: swept(min_examples=10_000), "a smaller min_examples", lambda: [swept(min_examples=5)]),
})
def test_of_remediation(refused, says, instead):
    assert all(str(part) for part in walk(refused, says, instead))


def swept(**options):
    found = fairkit.sweep(network(), EXAMPLES, **{"slices": ["color"], "methods": {"weights": {"reweight": "color"}},
                                                  "seeds": [0], "epochs": 1, "jobs": 1, "min_examples": 5, **options})
    assert (found.table["failed"] == 0).all()
    return found


@pytest.fixture(scope="module")
def dots(tmp_path_factory):
    """(options of a file whose cells hold several values, folder with a model for it)."""
    folder = tmp_path_factory.mktemp("dots")
    fairkit.data.write(MIXED, folder / "dots.parquet")
    fairkit.models.save(network(), folder / "model.keras")
    return [folder / "model.keras", "--data", folder / "dots.parquet", "--inputs", "input", "--label", "label",
            "--groups", "color", "--test-share", 0.3], folder


def call(*arguments):
    with pytest.raises(SystemExit) as done:
        main([str(argument) for argument in arguments])
    return done.value.code


GROUPS_THAT_OVERLAP = ["--sensitive", "color=orange", "--nonsensitive", "color=blue"]
WEIGHED = ["--reweight-slices", "color", "--reweight-min-examples"]
EXACTLY = ["--sensitive", "color==orange", "--nonsensitive", "color==blue"]


@pytest.mark.parametrize("command, refused, says, instead", [
    ("remediate", GROUPS_THAT_OVERLAP, "COLUMN==V on the command line", EXACTLY),
    ("sweep", [*GROUPS_THAT_OVERLAP, "--loss-weights", 1], "COLUMN==V on the command line",
     [*EXACTLY, "--loss-weights", 1]),
    ("remediate", [*WEIGHED, 1000], "--reweight-min-examples", [*WEIGHED, 5]),
    ("sweep", [*WEIGHED, 1000, "--slices", "color"], "--reweight-min-examples",
     ["--reweight-slices", "color", "--reweight-min-examples", 5, "--slices", "color"]),
    ("remediate", [], "--reweight COLUMN", ["--reweight", "color"]),
    ("sweep", [*EXACTLY, "--reference", "color==blue"], "color=blue", [*EXACTLY, "--reference", "color=blue"]),
    ("remediate", [*EXACTLY, "--pool"], "or no --pool", EXACTLY),
])
def test_of_the_commands_that_train(dots, command, refused, says, instead, tmp_path, capsys):
    options, _ = dots
    own = ["--epochs", 1, "--batch-size", 16, "--min-diff-batch-size", 8] if "sensitive" in str(refused) else \
        ["--epochs", 1, "--batch-size", 16]
    own += ["--seeds", 0, "--jobs", 1, "--min-examples", 1] if command == "sweep" else []
    status, told = call(command, *options, *own, *refused, "-o", tmp_path / "refused"), capsys.readouterr()
    if status == 0:   # a sweep goes on without the candidate that fails, and says so in its table
        swept = load_sweep(tmp_path / "refused")
        assert command == "sweep" and says in " ".join(map(str, swept.rows["error"]))
    else:
        assert status == 2 and says in told.err
    assert call(command, *options, *own, *instead, "-o", tmp_path / "walked") == 0
    if command == "sweep":
        assert (load_sweep(tmp_path / "walked").table["failed"] == 0).all()


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A CSV of scores, logits among them, and a folder with its evaluation."""
    folder = tmp_path_factory.mktemp("table")
    FRAME.assign(logit=np.log(SCORES / (1 - SCORES))).to_csv(folder / "posts.csv", index=False)
    data = ["--data", folder / "posts.csv", "--label", "y", "--groups", "color"]
    assert call("evaluate", *data, "--scores", "score", "--thresholds", 0.5, "-o", folder / "run") == 0
    return folder


def commands_of(folder):
    """dict of name -> (command that is refused, what it says, command instead)."""
    data = ["--data", folder / "posts.csv", "--label", "y", "--groups", "color"]
    run, html = folder / "run", folder / "report.html"
    bias = ["bias", folder / "posts.csv", "--label", "y", "--facet", "color"]
    return {
        "logits": (["evaluate", *data, "--scores", "logit"], "--from-logits",
                   ["evaluate", *data, "--scores", "logit", "--from-logits"]),
        "nothing to check": (["check", run], "--max-gap RATE=GAP, --min METRIC=VALUE or --max METRIC=VALUE",
                             ["check", run, "--max-gap", "recall=1", "--min", "auc=0", "--max", "auc=1"]),
        "a reference of no gap": (["check", run, "--min", "auc=0", "--reference", "color=blue"], "or no --reference",
                                  ["check", run, "--min", "auc=0"]),
        "nothing to write": (["report", run], "-o report.html", ["report", run, "-o", html]),
        "no label": (["evaluate", "--data", folder / "posts.csv", "--scores", "score"], "--label COLUMN",
                     ["evaluate", *data, "--scores", "score"]),
        "scores as labels": ([*bias, "--predictions", "score"], "--thresholds",
                             [*bias, "--predictions", "score", "--thresholds", 0.5]),
        "values of two facets": ([*bias, "size", "--facet-values", "blue"], "one --facet",
                                 [*bias, "--facet-values", "blue"]),
    }


@pytest.mark.parametrize("name", list(commands_of(Path())))
def test_of_the_commands_that_judge(table, name, capsys):
    refused, says, instead = commands_of(table)[name]
    assert call(*refused) == 2
    err = capsys.readouterr().err
    assert says in err and err.count("\n") == 1
    assert call(*instead) in ((0, 3) if instead[0] == "check" else (0,)), capsys.readouterr().err
