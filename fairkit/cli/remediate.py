"""Train a run's model again with MinDiff, and measure it again.

The new run has the data, slices and thresholds of the old one, and a model trained from fresh weights.
"""

from pathlib import Path

from fairkit.cli.arguments import add_evaluation_arguments, condition, numbers, slices_of, stored_slices
from fairkit.cli.data import add_data_arguments, balance_of, default_slices, description_of, load_data

EXAMPLE = """example:
  fairkit remediate runs/before --sensitive color=orange --nonsensitive color=blue --classes 8 --loss-weight 2 \\
      -o runs/after
  fairkit remediate model.keras --data posts.csv --inputs text --label toxic --groups religion \\
      --sensitive religion=muslim --loss-weight 5 -o runs/after"""
_DEFAULTS = {"slices": None, "thresholds": [0.1, 0.5], "classes": None, "epochs": 5, "batch_size": 64, "seed": 0}


def add_arguments(parser):
    parser.add_argument("before", metavar="RUN or MODEL",
                        help="the run folder that fairkit train wrote; or a .keras file with --data")
    add_data_arguments(parser, required=False)
    group = parser.add_argument_group("MinDiff")
    group.add_argument("--sensitive", nargs="+", required=True, metavar="COLUMN=V[,V]",
                       help="the group whose error rate is to come closer")
    group.add_argument("--nonsensitive", nargs="+", metavar="COLUMN=V[,V]",
                       help="the group it is to come closer to (default: everybody else)")
    group.add_argument("--error-rate", default="false_positive_rate", metavar="RATE",
                       help="false_positive_rate (default) or false_negative_rate")
    group.add_argument("--loss", default="mmd", metavar="LOSS", help="mmd, adjusted_mmd or absolute_correlation")
    group.add_argument("--loss-weight", type=float, default=1.0, metavar="W", help="0 is the control")
    group.add_argument("--kernel", metavar="K", help="of an MMD loss: gaussian (default) or laplacian")
    group.add_argument("--kernel-length", metavar="L", help="of an MMD loss: a number, or median")
    group.add_argument("--reweight", nargs="+", metavar="COLUMN",
                       help="weight the training examples so that these groups and the labels are independent")
    group.add_argument("--min-diff-batch-size", type=int, metavar="N",
                       help="examples a step from each of both groups (default: the batch size)")
    group.add_argument("--allow-overlap", action="store_true", help="examples of both groups count in both")
    group = parser.add_argument_group("training (default: as the run was trained)")
    group.add_argument("--epochs", type=int, metavar="N")
    group.add_argument("--batch-size", type=int, metavar="N")
    group.add_argument("--seed", type=int, metavar="N")
    group.add_argument("--warm-start", action="store_true", help="go on from the run's weights")
    add_evaluation_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="RUN", help="the run folder to write")


def run(arguments):
    from fairkit.cli.run_folder import check_output

    folder = check_output(arguments.output)
    model_path, description, asked = earlier_run(arguments)
    for name in ("epochs", "batch_size", "seed", "classes"):
        if getattr(arguments, name) is not None:
            asked[name] = getattr(arguments, name)
    if arguments.slices:
        asked["slices"] = slices_of(arguments.slices)
    if arguments.thresholds:
        asked["thresholds"] = numbers(arguments.thresholds, "a threshold")
    options = {"sensitive": condition(arguments.sensitive, "--sensitive"),
               "nonsensitive": condition(arguments.nonsensitive, "--nonsensitive"), "classes": asked["classes"],
               **{name: getattr(arguments, name) for name in (
                   "error_rate", "loss", "loss_weight", "kernel", "reweight", "min_diff_batch_size", "warm_start",
                   "allow_overlap")}}
    if arguments.kernel_length is not None:
        length = arguments.kernel_length
        options["kernel_length"] = length if length == "median" else numbers([length], "--kernel-length")[0]
    remediate_and_write(folder, arguments.before, model_path, description, asked, options)


def earlier_run(arguments):
    """(path of the model, description of the data, what the run asked or the defaults)."""
    from fairkit.cli.run_folder import MODEL, RUN, read_run
    from fairkit.errors import FairkitError

    before = Path(arguments.before)
    if arguments.data is not None and before.suffix == ".keras":
        return before, description_of(arguments), dict(_DEFAULTS)
    about = read_run(before)
    if not (before / MODEL).is_file() or "epochs" not in about["asked"]:
        raise FairkitError("this run has no model that was trained here", f"a folder with {RUN} and {MODEL}, as "
                           "fairkit train writes it, or a .keras file with --data", arguments.before)
    description = about["data"] if arguments.data is None else description_of(arguments)
    return before / MODEL, description, dict(about["asked"])


def remediate_and_write(folder, before, model_path, description, asked, options):
    """Trains with MinDiff, evaluates, writes the run and prints it; returns the `Evaluation`."""
    from fairkit.cli.progress import training_progress
    from fairkit.cli.run_folder import fingerprint, write_run
    from fairkit.evaluation import evaluate
    from fairkit.evaluation.specs import check_slices, checked_thresholds
    from fairkit.models import load
    from fairkit.remediation import remediate
    from fairkit.view.text import evaluation_text

    train, test = load_data(description, balanced=False)  # MinDiff's groups are drawn from all examples
    slices = default_slices(description, test) if asked["slices"] is None else stored_slices(asked["slices"])
    check_slices(slices, test.groups), checked_thresholds(asked["thresholds"])  # before minutes of training
    training = {name: asked[name] for name in ("epochs", "batch_size", "seed")}
    fixed = remediate(load(model_path), train, **options, **training, balance=balance_of(description),
                      callbacks=[training_progress("training with MinDiff", training["epochs"])])
    evaluation = evaluate(fixed.model, test, slices, asked["thresholds"], asked["classes"])
    asked = {**asked, "slices": slices, "before": str(before), "remediation": options}
    write_run(folder, "remediate", asked, evaluation, fixed.model, data=description, fingerprint=fingerprint(test),
              settings=fixed.settings, history=fixed.history,
              result={"accuracy": evaluation.value("accuracy"), "examples": len(test)})
    print(evaluation_text(evaluation))
    print(f"written to {folder}")
    return evaluation
