"""See the whole story on two tasks: find a gap, close it, prove that it closed.

Trains a digit classifier on real MNIST images and a toxicity classifier on generated comments, measures how often each
errs on each group, trains them again with MinDiff, and compares. Takes about two minutes and writes a page with the
Fairness Indicators boards of before and after, and a report on each task.
"""

EXAMPLE = """example:
  fairkit demo
  fairkit demo --seed 3 -o runs/demo_3"""
METRIC = "false_positive_rate"
STORIES = {
    "digits": {
        "title": "Are orange digits taken for an 8 more often than blue ones?",
        "about": "Real MNIST digits in two colours. In training 95 % of the 8s are orange and 20 % of the other\n"
                 "digits; in the test split every digit is half orange, half blue. A digit that is no 8 counts\n"
                 "as taken for one where its score for the class 8 exceeds .1.",
        "data": {"data": "digits", "orange": {"8": 0.95}}, "slices": ["color", ("digit", "color")],
        "thresholds": [0.1, 0.5], "classes": [8], "epochs": 6, "batch_size": 64,
        "remediation": {"sensitive": {"color": "orange"}, "nonsensitive": {"color": "blue"},
                        "loss": "absolute_correlation", "loss_weight": 1.5, "min_diff_batch_size": 192},
        "reference": {"color": "blue"}, "slice": "color:orange",
    },
    "comments": {
        "title": "Are harmless comments flagged as toxic more often when they mention muslims?",
        "about": "Generated English comments (no real ones). In training, comments that mention muslims are toxic\n"
                 "more often than others; in the test split they are not. A harmless comment counts as flagged\n"
                 "where its score exceeds the threshold at which 5 % of all harmless ones are flagged.",
        "data": {"data": "comments"}, "slices": ["religion", "gender"], "overall_rate": 0.05, "classes": None,
        "epochs": 4, "batch_size": 64,
        "remediation": {"sensitive": {"religion": "muslim"}, "nonsensitive": None, "loss": "mmd", "loss_weight": 2.0},
        "reference": None, "slice": "religion:muslim",
    },
}


def add_arguments(parser):
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of data, weights and order (default: 1)")
    parser.add_argument("-o", "--output", default="runs/demo", metavar="FOLDER", help="default: runs/demo")


def run(arguments):
    import time
    from pathlib import Path

    from fairkit.cli.run_folder import REPORT
    from fairkit.storage import private_folder
    from fairkit.view.story import Chapter, save_story

    folder, started = private_folder(Path(arguments.output)), time.perf_counter()
    chapters = []
    for number, (name, story) in enumerate(STORIES.items(), 1):
        print(f"\n{number} of {len(STORIES)}: {story['title']}\n{story['about']}\n", flush=True)
        comparison, report = tell(story, folder / name, arguments.seed)
        report.save(folder / name / REPORT)
        summary = summary_of(story, comparison)
        print(f"\n{summary}", flush=True)
        chapters.append(Chapter(story["title"], story["about"], summary, comparison, report, f"{name}/{REPORT}"))
    path = save_story(chapters, folder / "index.html", "fairkit: find the gap, close it, prove that it closed")
    print(f"\nDone in {time.perf_counter() - started:.0f} s. The answers, the Fairness Indicators boards of before and "
          f"after, and the reports, to open in a browser:\n  {path}")


def tell(story, folder, seed):
    """Trains, evaluates, remediates and evaluates again; writes both runs; (`Comparison`, `Report`)."""
    from fairkit.cli.data import load_data
    from fairkit.cli.progress import training_progress
    from fairkit.cli.run_folder import fingerprint, write_run
    from fairkit.cli.train import fit
    from fairkit.evaluation import compare, evaluate
    from fairkit.predictions import predict
    from fairkit.remediation import remediate
    from fairkit.view import make_report
    from fairkit.view.report.group_counts import group_counts

    description = {"seed": seed, **story["data"]}
    train, test = load_data(description)
    training = {"epochs": story["epochs"], "batch_size": story["batch_size"], "seed": seed}
    model, history = fit(description, train, **training)
    predictions = predict(model, test)
    thresholds = story.get("thresholds") or [_threshold(predictions, story["overall_rate"])]
    asked = {"slices": story["slices"], "thresholds": thresholds, "classes": story["classes"], **training,
             "metric": METRIC, "threshold": thresholds[0], "reference": story["reference"]}
    before = evaluate(predictions, slices=story["slices"], thresholds=thresholds, classes=story["classes"])
    about = {"data": description, "fingerprint": fingerprint(test), "training": group_counts(train)}
    first = write_run(folder / "before", "train", asked, before, model, history=history, **about)
    options = {**story["remediation"], "error_rate": METRIC, "classes": story["classes"]}
    fixed = remediate(model, train, **options, **training,
                      callbacks=[training_progress("training with MinDiff", training["epochs"])])
    after = evaluate(fixed.model, test, before.slices, thresholds, story["classes"])
    second = write_run(folder / "after", "remediate", {**asked, "remediation": options}, after, fixed.model,
                       history=fixed.history, settings=fixed.settings, **about)
    comparison = compare(before, after, METRIC, story["reference"])
    return comparison, make_report(comparison, names=["before", "MinDiff"], about=[first, second], title=story["title"],
                                   threshold=thresholds[0])


def summary_of(story, comparison):
    """Rates by slice, the gap before and after with its interval, and what it cost: a few lines."""
    from fairkit.view.comparison_text import gap_summary

    return gap_summary(comparison, story["slice"], comparison.before.thresholds[0])


def _threshold(predictions, overall_rate):
    """The threshold of a given overall rate."""
    from fairkit.counts.rates import RATES
    from fairkit.evaluation.matching import match_threshold

    return match_threshold(RATES[METRIC], overall_rate, predictions, None)
