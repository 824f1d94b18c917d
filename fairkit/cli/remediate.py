"""Train a run's model again with MinDiff, and measure it again.

The new run has the data, slices and thresholds of the old one, and a model trained from fresh weights.
"""

from fairkit.cli.arguments import condition, stored_slices
from fairkit.cli.data import fingerprint, load_data

EXAMPLE = """example:
  fairkit remediate runs/before --sensitive color=orange --nonsensitive color=blue --classes 8 --loss-weight 2 \\
      -o runs/after
  fairkit remediate runs/before --sensitive religion=muslim --loss-weight 5 -o runs/after"""


def add_arguments(parser):
    parser.add_argument("before", metavar="RUN", help="the run folder that fairkit train wrote")
    group = parser.add_argument_group("MinDiff")
    group.add_argument("--sensitive", nargs="+", required=True, metavar="COLUMN=V[,V]",
                       help="the group whose error rate is to come closer")
    group.add_argument("--nonsensitive", nargs="+", metavar="COLUMN=V[,V]",
                       help="the group it is to come closer to (default: everybody else)")
    group.add_argument("--error-rate", default="false_positive_rate", metavar="RATE",
                       help="false_positive_rate (default) or false_negative_rate")
    group.add_argument("--classes", nargs="+", type=int, metavar="C",
                       help="softmax: the class ids whose errors count (default: those of the run)")
    group.add_argument("--loss", default="mmd", metavar="LOSS", help="mmd, adjusted_mmd or absolute_correlation")
    group.add_argument("--loss-weight", type=float, default=1.0, metavar="W", help="0 is the control")
    group.add_argument("--min-diff-batch-size", type=int, metavar="N",
                       help="examples a step from each of both groups (default: the batch size)")
    group.add_argument("--allow-overlap", action="store_true", help="examples of both groups count in both")
    group = parser.add_argument_group("training (default: as the run was trained)")
    group.add_argument("--epochs", type=int, metavar="N")
    group.add_argument("--batch-size", type=int, metavar="N")
    group.add_argument("--seed", type=int, metavar="N")
    group.add_argument("--warm-start", action="store_true", help="go on from the run's weights")
    parser.add_argument("-o", "--output", required=True, metavar="RUN", help="the run folder to write")


def run(arguments):
    from fairkit.cli.run_folder import MODEL, check_output, read_run
    from fairkit.errors import FairkitError

    folder = check_output(arguments.output)
    about = read_run(arguments.before)
    if "epochs" not in about["asked"]:
        raise FairkitError("this run was not trained here", "a run folder that fairkit train wrote", arguments.before)
    remediate_and_write(folder, arguments.before, about, f"{arguments.before}/{MODEL}",
                        sensitive=condition(arguments.sensitive, "--sensitive"),
                        nonsensitive=condition(arguments.nonsensitive, "--nonsensitive"),
                        error_rate=arguments.error_rate, classes=arguments.classes or about["asked"]["classes"],
                        loss=arguments.loss, loss_weight=arguments.loss_weight,
                        min_diff_batch_size=arguments.min_diff_batch_size, warm_start=arguments.warm_start,
                        allow_overlap=arguments.allow_overlap, epochs=_or(arguments.epochs, about, "epochs"),
                        batch_size=_or(arguments.batch_size, about, "batch_size"),
                        seed=_or(arguments.seed, about, "seed"))


def remediate_and_write(folder, before, about, model_path, **options):
    """Trains with MinDiff, evaluates, writes the run and prints it; returns the `Evaluation`."""
    from fairkit.cli.progress import training_progress
    from fairkit.cli.run_folder import write_run
    from fairkit.evaluation import evaluate
    from fairkit.models import load
    from fairkit.remediation import remediate
    from fairkit.view.text import evaluation_text

    asked = about["asked"]
    train, test = load_data(about["data"])
    fixed = remediate(load(model_path), train, **options,
                      callbacks=[training_progress("training with MinDiff", options["epochs"])])
    evaluation = evaluate(fixed.model, test, stored_slices(asked["slices"]), asked["thresholds"], asked["classes"])
    trained = {name: options[name] for name in ("epochs", "batch_size", "seed")}
    asked = {**asked, **trained, "before": str(before), "remediation": options}
    write_run(folder, "remediate", asked, evaluation, fixed.model, data=about["data"],
              fingerprint=fingerprint(test), settings=fixed.settings, history=fixed.history,
              result={"accuracy": evaluation.value("accuracy"), "examples": len(test)})
    print(evaluation_text(evaluation))
    print(f"written to {folder}")
    return evaluation


def _or(given, about, name):
    return about["asked"][name] if given is None else given
