"""What a run was made with, and when."""

import datetime
from importlib.metadata import PackageNotFoundError, version

import fairkit
from fairkit.view.report.content import Facts, Section, Table
from fairkit.view.report.figures import MISSING
from fairkit.view.report.words import quoted

__all__ = ["PACKAGES", "day", "installed", "versions_section"]

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
PACKAGES = ("fairkit", "tensorflow", "keras", "numpy")


def versions_section(subject):
    known = [model.about.get("versions") for model in subject.models]
    if not any(known):
        return Section("versions", "Versions", (Facts(tuple((name, found) for name in PACKAGES
                                                            if (found := installed(name)))),))
    rows = [(quoted(name), *(quoted((versions or {}).get(name, MISSING)) for versions in known))
            for name in dict.fromkeys(name for versions in known for name in versions or ())]
    rows.append(("written", *(day(model.about.get("written")) or MISSING for model in subject.models)))
    table = Table("What the runs were made with", ("package", *(quoted(model.name) for model in subject.models)),
                  tuple(rows))
    return Section("versions", "Versions", (table,))


def installed(name):
    """The version of a package, or None where there is none; fairkit's own also where it runs without being installed.

    Example:
        >>> from fairkit.view.report.versions import installed
        >>> installed("fairkit"), installed("no-such-package")
        ('0.1.0', None)
    """
    if name == "fairkit":
        return fairkit.__version__
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def day(written):
    """A time of run.json as a reader writes it: "22 November 2026, 11:38 UTC"."""
    try:
        time = datetime.datetime.fromisoformat(written).astimezone(datetime.UTC)
    except (TypeError, ValueError):
        return None
    return f"{time.day} {_MONTHS[time.month - 1]} {time.year}, {time:%H:%M} UTC"
