"""The command line: `fairkit train`, `fairkit report` and the other COMMANDS."""

import argparse
import errno
import importlib
import logging
import os
import re
import sys

import fairkit
from fairkit.cli.output import printed, said
from fairkit.errors import FairkitError, one_line, quote

__all__ = ["main"]

COMMANDS = ("train", "evaluate", "remediate", "sweep", "compare", "report", "check", "bias", "describe", "demo")
_ARGUMENT = re.compile(r"(?<![\w'\"-])(?:(positive|negative|separator|delimiter|encoding|split|data_dir|no_group)"
                       r"=(?=[\w.'\"\[])|(predictions|thresholds)=(?=[\s.]|$))")
_OF_FILES = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.EMFILE)
BAD_INPUT, UNEXPECTED, INTERRUPTED, PIPE_CLOSED = 2, 4, 130, 141


def main(argv=None, command=None):
    """Runs a command and exits: 0 if it worked, 2 for bad input or a full disk or memory (one line says what is wrong),
    4 for anything unexpected, 130 if interrupted, 141 where the reader of its output went away; `check` and `sweep` by
    their verdict: also 1 (fail) and 3 (not enough data).

    Args:
        argv: the arguments; `sys.argv` if None.
        command: the command, for scripts that are one.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its warnings are about its own tracing
    status, module, output = 0, None, None
    try:
        with printed() as output:
            try:
                arguments = _parser(command).parse_args(argv)
                module = importlib.import_module(f"fairkit.cli.{command or arguments.command}")
                status = module.run(arguments) or 0
            except SystemExit as ended:   # --help, --version, or an argument that does not parse
                status = ended.code
    except FairkitError as error:
        said(_as_options(str(error)))
        status = BAD_INPUT
    except KeyboardInterrupt:
        said("interrupted; nothing half-written was left behind")
        status = INTERRUPTED
    except Exception as error:
        if (line := _of_the_machine(error)) is not None:
            said(line)
            status = BAD_INPUT
        else:
            import traceback

            traceback.print_exc()
            said(f"unexpected {type(error).__name__}: {error}")
            status = UNEXPECTED
    if status == 0 and output is not None and output.closed and not getattr(module, "HAS_VERDICT", False):
        status = PIPE_CLOSED
    sys.exit(status)


def _of_the_machine(error):
    """In one line, what the machine could not give: a disk, a file, memory; None for anything else."""
    no_room = isinstance(error, ImportError) and any(said in str(error) for said in (
        "failed to map segment", "Cannot allocate memory"))   # of a library that was being loaded
    if no_room or isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"not enough memory; nothing half-written was left behind ({one_line(error, 120)})"
    if isinstance(error, OSError):
        where = f": {quote(str(error.filename))}" if error.filename is not None else ""
        return f"{one_line(error.strerror or error, 120)}{where}; nothing half-written was left behind"
    if type(error).__module__.startswith("tensorflow."):   # which has errors of its own for files
        said = next((said for said in map(os.strerror, _OF_FILES) if said in str(error)), None)
        return None if said is None else f"{said}; nothing half-written was left behind"
    return None


def _as_options(message):
    """Names of Python's arguments as the options that the command line has for them."""
    for argument, option in (("bad_rows='set aside'", "--bad-rows set-aside"), ("classes=[...]", "--class-names ..."),
                             ("output= ", "--model-output "), ("output=None", "no --model-output"),
                             ("from_logits=True", "--from-logits"),
                             ("fairkit.models.trust_saved_model(folder) first", "--trust FOLDER"),
                             ("missing_inputs='keep'", "--missing-inputs keep")):
        message = message.replace(argument, option)
    return _ARGUMENT.sub(lambda found: f"--{found[1].replace('_', '-')} " if found[1] else f"--{found[2]}", message)


class _OneLine(argparse.ArgumentParser):
    """Says what is wrong in one line, and nothing more."""

    def error(self, message):
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(command=None):
    if command is not None:
        module = importlib.import_module(f"fairkit.cli.{command}")
        parser = _OneLine(description=module.__doc__, epilog=module.EXAMPLE, formatter_class=_Raw)
        module.add_arguments(parser)
        return parser
    about = "Find the gap between groups in a Keras classifier, close it, and prove that it closed."
    parser = _OneLine(prog="fairkit", formatter_class=_Raw, description=about,
                      epilog="example:\n  fairkit demo\n  fairkit train --data digits --orange 8=0.95 -o runs/before\n"
                             "  fairkit remediate runs/before --sensitive color=orange --nonsensitive color=blue \\\n"
                             "      --classes 8 --loss-weight 2 -o runs/after\n"
                             "  fairkit compare runs/before runs/after --reference color=blue\n"
                             "  fairkit check runs/after --max-gap false_positive_rate=0.05 --reference color=blue")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command", parser_class=_OneLine)
    for name in COMMANDS:
        module = importlib.import_module(f"fairkit.cli.{name}")
        summary = module.__doc__.splitlines()[0]
        module.add_arguments(commands.add_parser(name, help=summary[0].lower() + summary[1:].rstrip("."),
                                                 description=module.__doc__, epilog=module.EXAMPLE,
                                                 formatter_class=_Raw))
    return parser


class _Raw(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of descriptions and examples."""


class _Version(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        print(f"fairkit {fairkit.__version__}")
        parser.exit()
