"""Train a run's model again with MinDiff, counterfactual pairs or training weights, and measure it again.

The new run has the data, slices and thresholds of the old one, and a model trained from fresh weights.
"""

from pathlib import Path

from fairkit.cli.arguments import (
    add_evaluation_arguments,
    add_output_argument,
    add_trust_argument,
    numbers,
    slices_of,
    stored_slices,
    trust,
)
from fairkit.cli.data import (
    add_data_arguments,
    balance_of,
    default_slices,
    description_of,
    load_data,
    stored_description,
)
from fairkit.cli.remedies import (
    add_min_diff_arguments,
    add_pair_arguments,
    add_slice_reweighting_arguments,
    min_diff_options,
    pair_options,
    slice_reweighting_options,
)

EXAMPLE = """example:
  fairkit remediate runs/before --sensitive color=orange --nonsensitive color=blue --classes 8 --loss-weight 2 \\
      -o runs/after
  fairkit remediate model.keras --data posts.csv --inputs text --label toxic --groups religion \\
      --sensitive religion=muslim --sensitive religion=jewish --loss-weight 5 --counterfactuals religion \\
      -o runs/after"""
_DEFAULTS = {"slices": None, "thresholds": [0.1, 0.5], "classes": None, "epochs": 5, "batch_size": 64, "seed": 0}


def add_arguments(parser):
    parser.add_argument("before", metavar="RUN or MODEL",
                        help="the run folder that fairkit train wrote; or a .keras file with --data")
    add_data_arguments(parser, required=False)
    group = parser.add_argument_group("MinDiff")
    add_min_diff_arguments(group)
    group.add_argument("--loss-weight", type=float, metavar="W", help="(default: 1) 0 is the control")
    group = parser.add_argument_group("counterfactual logit pairing, alone or beside MinDiff")
    add_pair_arguments(group)
    group.add_argument("--counterfactual-weight", type=float, metavar="W", help="(default: 1)")
    group = parser.add_argument_group("training weights, alone or beside the others")
    group.add_argument("--reweight", nargs="+", metavar="COLUMN",
                       help="weight the training examples so that these groups and the labels are independent")
    add_slice_reweighting_arguments(group)
    group = parser.add_argument_group("training (default: as the run was trained)")
    group.add_argument("--epochs", type=int, metavar="N")
    group.add_argument("--batch-size", type=int, metavar="N")
    group.add_argument("--seed", type=int, metavar="N")
    group.add_argument("--warm-start", action="store_true", help="go on from the run's weights")
    add_output_argument(group)
    add_evaluation_arguments(parser)
    add_trust_argument(parser)
    parser.add_argument("-o", "--output", required=True, metavar="RUN", help="the run folder to write")


def run(arguments):
    from fairkit.cli.run_folder import run_output

    folder = run_output(arguments.output, arguments.before, arguments.data)
    trust(arguments)
    model_path, description, asked = earlier_run(arguments)
    for name in ("epochs", "batch_size", "seed", "classes"):
        if getattr(arguments, name) is not None:
            asked[name] = getattr(arguments, name)
    if arguments.slices:
        asked["slices"] = slices_of(arguments.slices)
    if arguments.thresholds:
        asked["thresholds"] = numbers(arguments.thresholds, "a threshold")
    options = {**_remedies(arguments, description), "classes": asked["classes"], "warm_start": arguments.warm_start}
    if arguments.model_output is not None:
        options["output"] = arguments.model_output
    remediate_and_write(folder, arguments.before, model_path, description, asked, options)


def _remedies(arguments, description):
    """What is done about the gap, as arguments of `fairkit.remediate`."""
    from fairkit.errors import FairkitError

    options = {**min_diff_options(arguments), **pair_options(arguments)}
    options |= slice_reweighting_options(arguments)
    options |= {name: value for name in ("loss_weight", "counterfactual_weight", "reweight")
                if (value := getattr(arguments, name)) is not None}
    remedies = {"sensitive", "counterfactuals", "reweight", "reweight_slices"}
    if not remedies & {*options} and balance_of(description) is None:
        raise FairkitError("it is not said what is done about the gap", "--sensitive COLUMN=V, --counterfactuals SWAP, "
                           "--reweight COLUMN, --reweight-slices F, or several of these", "none")
    for name in options:
        pairing = name.startswith("counterfactual")
        needed = "counterfactuals" if pairing else "sensitive"
        if not name.startswith("reweight") and needed not in options:
            raise FairkitError(f"--{name.replace('_', '-')} says nothing without --{needed}",
                               f"--{needed} {'SWAP' if pairing else 'COLUMN=V'} as well",
                               f"--{name.replace('_', '-')} alone")
    return options


def earlier_run(arguments):
    """(path of the model, description of the data, what the run asked or the defaults)."""
    from fairkit.cli.run_folder import MODEL
    from fairkit.errors import FairkitError
    from fairkit.folders import RUN, part, read_about

    before = Path(arguments.before)
    if arguments.data is not None and before.suffix == ".keras":
        return before, description_of(arguments), dict(_DEFAULTS)
    about = read_about(before)
    asked, model = about.get("asked"), part(before, MODEL, about)
    if model is None or not isinstance(asked, dict) or not {*_DEFAULTS} <= {*asked}:
        raise FairkitError("this run has no model that was trained here", f"a folder with {RUN} and {MODEL}, as "
                           "fairkit train writes it, or a .keras file with --data", arguments.before)
    description = stored_description(about) if arguments.data is None else description_of(arguments)
    return model, description, dict(asked)


def remediate_and_write(folder, before, model_path, description, asked, options):
    """Trains, evaluates, writes the run and prints it; returns the `Evaluation`.

    Args:
        options: arguments of `fairkit.remediate`; where it takes counterfactual pairs, the swap that makes them.
    """
    from fairkit.cli.progress import training_progress
    from fairkit.cli.run_folder import REPORT, fingerprint, write_run
    from fairkit.evaluation import evaluate
    from fairkit.evaluation.specs import check_slices, checked_thresholds
    from fairkit.models import load
    from fairkit.models.inputs import in_order
    from fairkit.remediation import remediate
    from fairkit.remediation.sweeps.options import as_recorded
    from fairkit.remediation.sweeps.training import with_pairs
    from fairkit.view.report.group_counts import group_counts
    from fairkit.view.text import evaluation_text

    train, test = load_data(description, balanced=False)  # MinDiff's groups are drawn from all examples
    slices = default_slices(description, test) if asked["slices"] is None else stored_slices(asked["slices"])
    check_slices(slices, test.groups), checked_thresholds(asked["thresholds"])  # before minutes of training
    training = {name: asked[name] for name in ("epochs", "batch_size", "seed")}
    model = load(model_path)
    train, test = in_order(model, train), in_order(model, test)
    fixed = remediate(model, train, **with_pairs(options, train, asked["seed"]), **training,
                      balance=balance_of(description), callbacks=[training_progress("training", training["epochs"])])
    evaluation = evaluate(fixed.model, test, slices, asked["thresholds"], asked["classes"])
    asked = {**asked, "slices": slices, "before": str(before), "remediation": as_recorded(options)}
    write_run(folder, "remediate", asked, evaluation, fixed.model, data=description, fingerprint=fingerprint(test),
              settings=fixed.settings, history=fixed.history, training=group_counts(train),
              result={"accuracy": evaluation.value("accuracy"), "examples": len(test)})
    print(evaluation_text(evaluation))
    print(f"written to {folder}; its report to open in a browser: {folder / REPORT}")
    return evaluation
