"""Evaluate predictions in Parquet or TFRecord files, or a model on such files, on any runner of Apache Beam."""

import argparse
import sys

from fairkit.errors import FairkitError

_EXAMPLE = """All other options are Beam's: --runner, --region, --temp_location, --job_endpoint, ...

example:
  python -m fairkit.evaluation.beam --input 'scored/*.parquet' --label toxic --scores score \\
      --slices religion religion,gender --thresholds 0.3 0.5 --output runs/nightly \\
      --runner=DirectRunner --direct_num_workers=2 --direct_running_mode=multi_processing"""


def parser():
    """Of this command; what it does not know is left to Beam."""
    made = argparse.ArgumentParser("python -m fairkit.evaluation.beam", description=__doc__, epilog=_EXAMPLE,
                                   formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    made.add_argument("--input", required=True, metavar="PATH", help="a file, folder or pattern: a local path, gs://...")
    made.add_argument("--label", default="label", help="the column of labels")
    made.add_argument("--scores", default="scores", help="the column of scores")
    made.add_argument("--weight", help="the column of weights")
    made.add_argument("--separator", help="what stands between the values of a group cell that holds several")
    made.add_argument("--slices", nargs="+", default=[], metavar="F[,F]", help="features to slice by; F,F is a cross")
    made.add_argument("--thresholds", nargs="+", type=float, metavar="T", help="in [0, 1] (default: 0.1 0.2 ... 0.9)")
    made.add_argument("--classes", nargs="+", type=int, metavar="C", help="class ids to judge against the rest")
    made.add_argument("--model", metavar="PATH", help="a .keras file or SavedModel folder that makes the scores")
    made.add_argument("--inputs", nargs="+", default=[], metavar="COLUMN", help="with --model: what it is fed")
    made.add_argument("--model-output", metavar="NAME", help="of a model with several outputs the one that is meant")
    made.add_argument("--from-logits", action="store_true", help="the model's outputs are logits")
    made.add_argument("--missing-inputs", choices=("raise", "keep"), default="raise",
                      help="with --model: refuse inputs with missing cells (the default), or feed them as they are")
    made.add_argument("--batch-size", type=int, default=256, help="examples that the model is given at once")
    made.add_argument("--min-examples", type=int, default=30, help="rates of fewer examples are marked")
    made.add_argument("--output", metavar="FOLDER", help="where the evaluation is written, as Evaluation.save does")
    return made


def main(argv=None):
    """Runs the command; exits with 0, or with 2 and one line for input that cannot be used."""
    arguments, options = parser().parse_known_args(argv)
    try:
        from fairkit.evaluation.beam import evaluate_on_beam
        from fairkit.view.text import evaluation_text

        slices = [text if "," not in text else tuple(text.split(",")) for text in arguments.slices]
        evaluation = evaluate_on_beam(
            arguments.input, slices, arguments.thresholds, arguments.classes, label=arguments.label,
            scores=arguments.scores, weight=arguments.weight, separator=arguments.separator, model=arguments.model,
            inputs=arguments.inputs, from_logits=arguments.from_logits, batch_size=arguments.batch_size,
            output=arguments.output, options=_joined(options), min_examples=arguments.min_examples,
            model_output=arguments.model_output, missing_inputs=arguments.missing_inputs)
    except FairkitError as error:
        said = str(error).replace("missing_inputs='keep'", "--missing-inputs keep")
        said = said.replace("model_output= ", "--model-output ")
        print(f"fairkit: {said}", file=sys.stderr)
        sys.exit(2)
    print(evaluation_text(evaluation))
    if arguments.output:
        print(f"written to {arguments.output}")


def _joined(texts):
    """["--runner", "FlinkRunner"] as ["--runner=FlinkRunner"]."""
    options = []
    for text in texts:
        if text.startswith("-") or not options or "=" in options[-1]:
            options.append(text)
        else:
            options[-1] += f"={text}"
    return options


if __name__ == "__main__":
    main()
