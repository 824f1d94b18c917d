"""Write a report on a run, or on several: each compared with the first.

One page that needs no network: the answer in sentences, tables, plots, the board, the data, the training, the limits.
Also as Markdown, JSON, and a model card for Hugging Face.
"""

from fairkit.cli.arguments import slice_named
from fairkit.errors import FairkitError, quote

EXAMPLE = """example:
  fairkit report runs/before runs/after --reference color=blue --threshold 0.1 -o report.html
  fairkit report runs/before runs/after --facet gender=Female -o report.html
  fairkit report runs/after -o report.md --model-card README.md --license apache-2.0
  fairkit report runs/before runs/after --show-examples -o report_with_texts.html"""


def add_arguments(parser):
    parser.add_argument("runs", nargs="+", metavar="RUN", help="run folders; the others are compared with the first")
    parser.add_argument("-o", "--output", action="append", metavar="FILE",
                        help="what to write: .html, .md or .json; may be given several times")
    parser.add_argument("--model-card", metavar="FILE", help="a model card of the last run for Hugging Face, README.md")
    group = parser.add_argument_group("what it is about (default: what the runs were asked)")
    group.add_argument("--metric", metavar="M", help="a rate, accuracy or auc")
    group.add_argument("--threshold", type=float, metavar="T", help="default: the middle one of the first run")
    group.add_argument("--class", dest="class_id", type=int, metavar="C", help="the class judged against the rest")
    group.add_argument("--reference", nargs="+", metavar="COLUMN=V",
                       help="the slice that gaps are taken against (default: the remedy's other group, or overall)")
    group.add_argument("--facet", nargs="+", metavar="COLUMN[=V]",
                       help="a section of bias metrics: gender=Female against the rest, every value of gender in turn, "
                            "age='>40', or gender,race crossed (default: none)")
    group = parser.add_argument_group("how it is told")
    group.add_argument("--name", nargs="+", action="extend", metavar="N", help="what the runs are called, one for each")
    group.add_argument("--title", metavar="TEXT", help="the heading")
    group.add_argument("--noun", metavar="WORD", help="what an example is, in the plural: comments")
    group.add_argument("--positive", metavar="WORD", help="what the positive label means: toxic")
    group.add_argument("--negative", metavar="WORD", help="what the negative label means: harmless")
    group.add_argument("--pictures", choices=("all", "few", "none"), default="all")
    group.add_argument("--show-examples", action="store_true",
                       help="show texts or images that were judged wrongly: they are people's, and read from the data")
    group = parser.add_argument_group("model card")
    group.add_argument("--license", metavar="ID", help="such as apache-2.0; left out if not given")
    group.add_argument("--intended-use", metavar="TEXT", help="what the model is for")
    group.add_argument("--language", nargs="+", metavar="CODE", help="such as en")
    group.add_argument("--dataset", nargs="+", metavar="ID", help="data sets on the Hugging Face Hub")


def run(arguments):
    from fairkit.folders import check_file
    from fairkit.view import make_report
    from fairkit.view.report.report import checked_path, write_text

    paths = [check_file(checked_path(path)) for path in arguments.output or ()]
    if not paths and arguments.model_card is None:
        raise FairkitError("it is not said what to write", "-o report.html (or .md, .json), or --model-card README.md",
                           "neither")
    if arguments.model_card is not None:
        check_file(arguments.model_card)
    card = _card_options(arguments)
    abouts, evaluations = zip(*map(_loaded, arguments.runs))
    examples = _examples(abouts) if arguments.show_examples else None
    report = make_report(*evaluations, names=arguments.name or names_of(arguments.runs), about=abouts,
                         metric=arguments.metric, threshold=arguments.threshold, class_id=arguments.class_id,
                         reference=slice_named(arguments.reference, "--reference"), title=arguments.title,
                         noun=arguments.noun, positive=arguments.positive, negative=arguments.negative,
                         pictures=arguments.pictures, examples=examples, bias=_facets(arguments.facet),
                         board=any(path.suffix.lower() == ".html" for path in paths))
    written = [report.save(path) for path in paths]
    if arguments.model_card is not None:
        written.append(write_text(arguments.model_card, report.model_card(**card)))
    print(report.text)
    for path in written:
        print(f"written to {path}")


def _facets(texts):
    """["gender=Female", "age=>40", "gender,race"] as facets of `fairkit.bias_report`; None for no text."""
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        names = tuple(part.strip() for part in name.split(","))
        if not all(names) or (equals and not value):
            raise FairkitError("--facet is not given by a column, or a column and a value", "such as gender, "
                               "gender=Female or gender,race", quote(text))
        names = names if len(names) > 1 else names[0]
        if names in found:
            raise FairkitError(f"--facet names {quote(name)} twice",
                               f"{name}=V,V for several values that are one group "
                               "together", " ".join(texts))
        parts = [part.strip() for part in value.split(",")] if equals else None
        if isinstance(names, tuple) and parts:
            found[names] = tuple(None if part == "*" else part for part in parts)
        else:
            found[names] = parts[0] if parts and len(parts) == 1 else parts  # one may be a threshold
    return found or None


def _card_options(arguments):
    card = {"license": arguments.license, "intended_use": arguments.intended_use, "language": arguments.language,
            "datasets": arguments.dataset}
    if arguments.model_card is None and (given := [name for name, value in card.items() if value is not None]):
        option = {"datasets": "dataset"}.get(given[0], given[0]).replace("_", "-")
        raise FairkitError(f"--{option} is for a model card", "--model-card README.md as well",
                           f"--{option} alone")
    return card


def _loaded(folder):
    """(run.json, evaluation) of a run folder."""
    from pathlib import Path

    from fairkit.cli.run_folder import load_run
    from fairkit.folders import RUN, read_about

    if (Path(folder) / RUN).is_file() and read_about(folder).get("command") == "compare":
        raise FairkitError("this is the folder of a comparison, which holds its own report.html",
                           "the two runs that were compared", str(folder))
    return load_run(folder)


def names_of(folders):
    """What runs are called: the names of their folders, with those above them where they would be the same."""
    from pathlib import Path

    parts = [Path(folder).resolve().parts for folder in folders]
    for deep in range(1, max(map(len, parts)) + 1):
        names = ["/".join(each[-deep:]) for each in parts]
        if len(set(names)) == len(names):
            return names
    raise FairkitError("a run is named twice", "different run folders", ", ".join(map(str, folders)))


def _examples(abouts):
    """The examples that the runs judged, read again from the data, and only where they are asked for."""
    from fairkit.cli.data import load_data, stored_description
    from fairkit.cli.run_folder import fingerprint

    about = abouts[0]
    description = about.get("data") or {}
    if (about.get("asked") or {}).get("scores") is not None:
        raise FairkitError("this run judged a column of scores, so it has no examples to show",
                           "a run of a model on texts or images", f"--scores {about['asked']['scores']}")
    if "data" not in description or "seed" not in description:
        raise FairkitError("this run does not say what its data are, so no examples can be shown",
                           "a run of fairkit train, remediate or evaluate", about.get("command", "an evaluation alone"))
    whole = about.get("command") == "evaluate" and about["asked"].get("data") is not None
    _, examples = load_data(stored_description(about), split=not whole)
    if about.get("fingerprint") not in (None, fingerprint(examples)):
        raise FairkitError("the data are not those that the run judged", "the same file as then",
                           "others: their fingerprint differs")
    return examples
