"""Train a classifier and measure it by group.

Writes a run folder: the model, its predictions on the test split, the evaluation and a report.
"""

from fairkit.cli.arguments import add_evaluation_arguments, numbers, slices_of
from fairkit.cli.data import add_data_arguments, default_slices, description_of, load_data

EXAMPLE = """example:
  fairkit train --data digits --orange 8=0.95 --classes 8 -o runs/before
  fairkit train --data posts.csv --inputs text --label verdict --negative normal --groups religion -o runs/before"""
DEFAULT_THRESHOLDS = ("0.1", "0.5")


def add_arguments(parser):
    add_data_arguments(parser)
    group = parser.add_argument_group("training")
    group.add_argument("--epochs", type=int, default=5, metavar="N")
    group.add_argument("--batch-size", type=int, default=64, metavar="N")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the weights and the order of examples")
    add_evaluation_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="RUN", help="the run folder to write")


def run(arguments):
    from fairkit.cli.run_folder import run_output

    folder = run_output(arguments.output, arguments.data)
    description = description_of(arguments)
    slices = None if arguments.slices is None else slices_of(arguments.slices)
    thresholds = numbers(arguments.thresholds or DEFAULT_THRESHOLDS, "a threshold")
    train_and_write(folder, description, slices=slices, thresholds=thresholds, classes=arguments.classes,
                    epochs=arguments.epochs, batch_size=arguments.batch_size, seed=arguments.seed)


def train_and_write(folder, description, slices, thresholds, classes, epochs, batch_size, seed):
    """Trains, evaluates, writes the run and prints it; returns the `Evaluation`."""
    from fairkit.cli.run_folder import REPORT, fingerprint, write_run
    from fairkit.evaluation import evaluate
    from fairkit.evaluation.specs import check_slices, checked_classes, checked_thresholds
    from fairkit.view.report.group_counts import group_counts
    from fairkit.view.text import evaluation_text

    train, test = load_data(description)
    slices = default_slices(description, test) if slices is None else slices
    check_slices(slices, test.groups), checked_thresholds(thresholds)  # before minutes of training
    checked_classes(classes, outputs_of(description))
    model, history = fit(description, train, epochs, batch_size, seed)
    evaluation = evaluate(model, test, slices, thresholds, classes)
    asked = {"slices": slices, "thresholds": thresholds, "classes": classes, "epochs": epochs,
             "batch_size": batch_size, "seed": seed}
    write_run(folder, "train", asked, evaluation, model, data=description, fingerprint=fingerprint(test),
              history=history, training=group_counts(train),
              result={"accuracy": evaluation.value("accuracy"), "examples": len(test),
                                       "set_aside": len(test.set_aside or ())})
    print(evaluation_text(evaluation))
    print(f"written to {folder}; its report to open in a browser: {folder / REPORT}")
    return evaluation


def outputs_of(description):
    """The number of classes of a softmax model for these data; None for a binary score."""
    return 10 if description["data"] == "digits" else len(description.get("class_names", ())) or None


def classifier_of(description, train):
    """The ordinary classifier of these data, untrained."""
    from fairkit import models
    from fairkit.errors import FairkitError

    if train.inputs is None:
        raise FairkitError("it is not said what the model is fed", "--inputs COLUMN, or several for a table",
                           "no --inputs")
    outputs = outputs_of(description) or 1
    if isinstance(train.inputs, dict):
        return models.tabular_classifier(train.inputs, classes=outputs)
    if description["data"] == "digits" or "images" in description:
        return models.digit_classifier(shape=train.inputs.shape[1:], classes=outputs)
    return models.toxicity_classifier(train.inputs, classes=outputs)


def fit(description, train, epochs, batch_size, seed):
    """(model, history): the ordinary classifier of these data, trained."""
    from fairkit.cli.progress import training_progress
    from fairkit.errors import FairkitError
    from fairkit.lazy_rows import plain_errors
    from fairkit.models.compiling import compile_to_fit
    from fairkit.models.seeding import seeded
    from fairkit.remediation.fitting_checks import warn_of_lost_loss
    from fairkit.remediation.summed_gradients import summed_gradients

    for name, value in (("--epochs", epochs), ("--batch-size", batch_size)):
        if value < 1:
            raise FairkitError(f"{name} is too small", "1 or more", value)
    with seeded(seed), plain_errors():
        model = classifier_of(description, train)
        compile_to_fit(model, outputs_of(description) or 1)
        with summed_gradients(model.optimizer):   # as remediate trains, so that before and after differ in nothing else
            history = model.fit(train.batches(batch_size, seed=seed), epochs=epochs, verbose=0, shuffle=False,
                                callbacks=[training_progress("training", epochs)])
    history = {name: [float(v) for v in values] for name, values in history.history.items()}
    warn_of_lost_loss(history)
    return model, history
