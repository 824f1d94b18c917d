"""Train many remediations of a run with several seeds, measure each on a validation split, and choose one.

The validation split comes out of the training split; the test split is not looked at. The same command goes on where it
was stopped. With --max-gap or --max-quality-loss the exit status is 1 if no candidate meets the limits.
"""

from pathlib import Path

from fairkit.cli.arguments import (
    add_output_argument,
    add_trust_argument,
    slice_named,
    slices_of,
    stored_slices,
    trust,
)
from fairkit.cli.data import add_data_arguments, balance_of, default_slices, description_of, load_data
from fairkit.cli.remedies import (
    add_min_diff_arguments,
    add_pair_arguments,
    add_slice_reweighting_arguments,
    columns_of,
    min_diff_options,
    pair_options,
    slice_reweighting_options,
)

EXAMPLE = """example:
  fairkit sweep runs/before --sensitive color=orange --nonsensitive color=blue --loss-weights 0.5 2 8 \\
      --reference color=blue --threshold 0.1 --max-gap 0.02 --max-quality-loss 0.005 -o sweeps/orange
  fairkit sweep --data posts.csv --inputs text --label toxic --groups religion --overall-rate 0.2 \\
      --sensitive religion=muslim --reweight religion --group-thresholds religion -o sweeps/posts"""


def add_arguments(parser):
    parser.add_argument("before", nargs="?", metavar="RUN or MODEL",
                        help="the run folder that fairkit train wrote, or a .keras file with --data (default: the "
                             "ordinary classifier of --data)")
    add_data_arguments(parser, required=False)
    group = parser.add_argument_group("candidates with MinDiff, beside the plain training")
    add_min_diff_arguments(group)
    group.add_argument("--loss-weights", nargs="+", type=float, metavar="W",
                       help="a candidate each (default with --sensitive: 0.5 1 2 5 10)")
    group = parser.add_argument_group("candidates with counterfactual logit pairing")
    add_pair_arguments(group)
    group.add_argument("--counterfactual-weights", nargs="+", type=float, metavar="W",
                       help="a candidate each (default with --counterfactuals: 1)")
    group = parser.add_argument_group("further candidates")
    group.add_argument("--reweight", nargs="+", metavar="COLUMN", help="a candidate with training weights")
    add_slice_reweighting_arguments(group)
    group.add_argument("--group-thresholds", nargs="+", metavar="COLUMN", help="a candidate with a threshold a group")
    group.add_argument("--methods", metavar="FILE", help="more candidates: a JSON file of name -> arguments of "
                                                         "fairkit.remediate, such as both weights for both penalties")
    group = parser.add_argument_group("training")
    group.add_argument("--epochs", type=int, metavar="N", help="(default: the run's, or 5)")
    group.add_argument("--batch-size", type=int, metavar="N", help="(default: the run's, or 64)")
    add_output_argument(group)
    group.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], metavar="N", help="(default: 0 1 2)")
    group.add_argument("--jobs", type=int, metavar="N", help="trainings at a time (default: one a core)")
    group.add_argument("--threads", type=int, default=1, metavar="N", help="cores a training (default: 1)")
    group = parser.add_argument_group("the gap, on the validation split")
    group.add_argument("--slices", nargs="+", metavar="F[,F]", help="(default: the columns of --sensitive)")
    group.add_argument("--metric", default="false_positive_rate", metavar="RATE")
    group.add_argument("--reference", nargs="+", metavar="COLUMN=V", help="(default: overall)")
    group.add_argument("--threshold", type=float, metavar="T", help="of the plain model (default: .5); the others are "
                                                                    "judged at equal overall rate")
    group.add_argument("--overall-rate", type=float, metavar="R", help="the plain model's overall rate, instead")
    group.add_argument("--classes", nargs="+", type=int, metavar="C", help="class ids that count as positive")
    group.add_argument("--min-examples", type=int, default=30, metavar="N", help="smaller slices are left out")
    group.add_argument("--validation-share", type=float, default=0.25, metavar="P", help="of the training split")
    group = parser.add_argument_group("choice: the mildest candidate that meets both with its interval")
    group.add_argument("--max-gap", type=float, metavar="G")
    group.add_argument("--max-quality-loss", type=float, metavar="L")
    group.add_argument("--quality", default="auc", metavar="Q", help="auc (default) or accuracy")
    add_trust_argument(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="the folder of the sweep")


def run(arguments):
    from fairkit.models.inputs import in_order
    from fairkit.remediation.sweeps.choice import checked_limits
    from fairkit.remediation.sweeps.plan import checked_seeds
    from fairkit.remediation.sweeps.sweeping import sweep
    from fairkit.remediation.sweeps.table import checked_quality
    from fairkit.storage import check_writable
    from fairkit.view.sweep_text import front_text

    checked_quality(arguments.quality), checked_seeds(arguments.seeds)  # before minutes of training
    if arguments.max_gap is not None or arguments.max_quality_loss is not None:
        checked_limits(max_gap=arguments.max_gap, max_quality_loss=arguments.max_quality_loss)
    check_writable(Path(arguments.output) / "sweep.json")
    description, asked, model_of = _asked(arguments)
    train, _ = load_data(description, balanced=False)
    options = {**min_diff_options(arguments), **pair_options(arguments)}
    options |= {name: asked[name] for name in ("epochs", "batch_size") if asked[name] is not None}
    if (balance := balance_of(description)) is not None:
        options["balance"] = balance
    if arguments.model_output is not None:
        options["output"] = arguments.model_output
    model = model_of(train)
    found = sweep(model, in_order(model, train), slices=_slices(arguments, description, asked, options, train),
                  methods=_methods(arguments), loss_weights=_loss_weights(arguments), seeds=arguments.seeds,
                  metric=arguments.metric, reference=slice_named(arguments.reference, "--reference"),
                  threshold=arguments.threshold, overall_rate=arguments.overall_rate, classes=asked["classes"],
                  min_examples=arguments.min_examples, validation_share=arguments.validation_share,
                  folder=arguments.output, jobs=arguments.jobs, threads=arguments.threads, **options)
    print(found)
    print(front_text(found, arguments.quality))
    status = _choose(found, arguments)
    print(f"written to {found.folder}")
    return status


def _asked(arguments):
    """(description of the data, what is asked of training, function from the training examples to the model)."""
    from fairkit.cli.train import classifier_of
    from fairkit.errors import FairkitError

    given = {name: getattr(arguments, name) for name in ("epochs", "batch_size", "classes", "slices")}
    if arguments.before is None:
        if arguments.data is None:
            raise FairkitError("there is nothing to train", "a run folder, or --data", "neither")
        description = description_of(arguments)
        return description, given, lambda train: classifier_of(description, train)
    from fairkit.cli.remediate import earlier_run
    from fairkit.models import load

    path, description, earlier = earlier_run(arguments)
    asked = {name: earlier[name] if value is None else value for name, value in given.items()}
    trust(arguments)
    return description, asked, lambda train: load(path)


def _slices(arguments, description, asked, options, train):
    if arguments.slices:
        return slices_of(arguments.slices)
    if "sensitive" in options:
        return columns_of(options["sensitive"])
    return default_slices(description, train) if asked["slices"] is None else stored_slices(asked["slices"])


def _loss_weights(arguments):
    from fairkit.remediation.sweeps.plan import LOSS_WEIGHTS

    if arguments.loss_weights is not None:
        return arguments.loss_weights
    return LOSS_WEIGHTS if arguments.sensitive else ()


def _methods(arguments):
    weights = arguments.counterfactual_weights or ([1.0] if arguments.counterfactuals else [])
    methods = {f"counterfactual_weight={weight:.15g}": {"counterfactual_weight": weight} for weight in weights}
    if arguments.reweight:
        methods["reweight"] = {"reweight": arguments.reweight}
    if by_slices := slice_reweighting_options(arguments):
        methods["reweight_slices"] = by_slices
    if arguments.group_thresholds:
        methods["group_thresholds"] = {"group_thresholds": {"by": arguments.group_thresholds}}
    return {**methods, **_read_methods(arguments.methods)}


def _read_methods(path):
    import json

    from fairkit.errors import FairkitError
    from fairkit.remediation.sweeps.options import from_plain

    if path is None:
        return {}
    try:
        plain = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FairkitError(f"--methods {path} cannot be read", "a JSON file such as {\"mmd 2\": {\"loss_weight\": 2}}",
                           str(error)) from None
    found = from_plain(plain)
    if not isinstance(found, dict):
        raise FairkitError(f"--methods {path} names no methods", "a JSON object of name -> arguments",
                           type(found).__name__)
    return found


def _choose(found, arguments):
    """Prints the choice, if one is asked for; 1 if there is none."""
    if arguments.max_gap is None and arguments.max_quality_loss is None:
        return 0
    choice = found.choose(arguments.max_gap, arguments.max_quality_loss, arguments.quality,
                          intervals=len(found.seeds) > 1)
    print(choice)
    if not choice:
        return 1
    places = [str(found.model_path(choice, seed)) for seed in found.seeds]
    print(f"its models, one a seed: {' '.join(places)}")
    return 0
