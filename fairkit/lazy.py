"""Public names that are imported when they are first used, so that importing fairkit costs next to nothing."""

import importlib
import sys

from fairkit.errors import quote

__all__ = ["lazy_names"]


def lazy_names(package, home, rooms=()):
    """`__getattr__`, `__dir__` and `__all__` of a package whose names live in other modules (PEP 562).

    Args:
        package: the package's `__name__`.
        home: dict of public name -> the module that defines it.
        rooms: subpackages that are public names themselves.
    """
    public = sorted([*home, *rooms])

    def get(name):
        if name in home:
            value = getattr(importlib.import_module(home[name]), name)
        elif name in rooms:
            value = importlib.import_module(f"{package}.{name}")
        else:
            raise AttributeError(f"module {quote(package)} has no attribute {quote(name)}")
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: public, public
