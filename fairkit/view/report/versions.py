"""What a run was made with, and when."""

import datetime
from importlib.metadata import PackageNotFoundError, version

from fairkit.view.report.content import Facts, Section, Table
from fairkit.view.report.figures import MISSING
from fairkit.view.report.words import quoted

__all__ = ["day", "versions_section"]

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
_PACKAGES = ("fairkit", "tensorflow", "keras", "numpy")


def versions_section(subject):
    known = [model.about.get("versions") for model in subject.models]
    if not any(known):
        return Section("versions", "Versions", (Facts(tuple((name, found) for name in _PACKAGES
                                                            if (found := _installed(name)))),))
    rows = [(quoted(name), *(quoted((versions or {}).get(name, MISSING)) for versions in known))
            for name in dict.fromkeys(name for versions in known for name in versions or ())]
    rows.append(("written", *(day(model.about.get("written")) or MISSING for model in subject.models)))
    table = Table("What the runs were made with", ("package", *(quoted(model.name) for model in subject.models)),
                  tuple(rows))
    return Section("versions", "Versions", (table,))


def _installed(name):
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
