"""Facets: whom a report compares with whom."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fairkit.bias.conditions import Above, condition_of
from fairkit.column_names import column_text
from fairkit.counts.atom_sets import AtomSets
from fairkit.errors import FairkitError, quote
from fairkit.groups import GroupColumn

__all__ = ["Facet", "facets_of"]

_ABOVE, _NOT = "above", "not above"


@dataclass(frozen=True)
class Facet:
    """One column, or several crossed, with the values that make a facet d.

    Attributes:
        names: the columns.
        columns: dict of name -> `GroupColumn`; one with a threshold tells only which side of it a number lies on.
        options: for each column a list of (text, set of value texts): facet d is every combination of one of each.
        every: whether every value is judged in turn, or given ones.
        intervals: dict of the text of a threshold -> the interval of numbers above it, as Clarify writes it.
    """

    names: tuple
    columns: dict
    options: tuple
    every: bool
    intervals: dict

    @property
    def name(self):
        return ",".join(self.names)

    def sides(self, atoms):
        """(texts of the values, facet d of each as `AtomSets`, (atoms,) booleans: who has a value).

        Facet a of a value is who has a value and is not in facet d. An atom whose cells hold nothing in one of the
        columns is on neither side; one whose cells hold several values is in facet d where one of them is meant.
        """
        known, members = np.zeros(len(atoms), bool), {}
        hits = [_places(options) for options in self.options]
        rows = atoms.rows_of(self.names)
        for atom, cells in enumerate(atoms.cells):
            own = [cells[row] for row in rows]
            known[atom] = all(own)
            if known[atom]:
                chosen = ({place for value in cell for place in places.get(value, ())}
                          for cell, places in zip(own, hits, strict=True))
                for choice in itertools.product(*chosen):
                    members.setdefault(choice, []).append(atom)
        # Every value in turn: of a cross only the joint values that occur.
        choices = sorted(members) if self.every else list(itertools.product(*(range(len(o)) for o in self.options)))
        texts = [",".join(options[place][0] for place, options in zip(choice, self.options, strict=True))
                 for choice in choices]
        return texts, AtomSets.of([members.get(choice, []) for choice in choices], len(atoms)), known


def _places(options):
    """dict of value text -> the positions of the options that mean it."""
    found = {}
    for place, (_, meant) in enumerate(options):
        for value in meant:
            found.setdefault(value, []).append(place)
    return found


def facets_of(facet, values, table):
    """The facets that a user names.

    Args:
        facet: the name of a column, a tuple of names (crossed), a dict of these with the values of each, or a list of
            any of these (one after the other).
        values: of a single facet: None for every value in turn, a value, a list of values that make one facet
            together, a threshold such as ">40"; of a cross a tuple of these, one for each column.
        table: `Table`.
    """
    if facet is None:
        raise FairkitError("no facet is named", "facet= a column, a tuple of columns (crossed), or a list of these",
                           "facet=None")
    if isinstance(facet, (Mapping, list)):
        if values is not None:
            raise FairkitError("facet_values are for a single facet", "facet={name: values, ...}", quote(values))
        pairs = [pair for one in ([facet] if isinstance(facet, Mapping) else facet)
                 for pair in (one.items() if isinstance(one, Mapping) else [(one, None)])]
        if not pairs:
            raise FairkitError("no facet is named", "one or more", quote(facet))
        return [_facet(name, given, table) for name, given in pairs]
    return [_facet(facet, values, table)]


def _facet(name, values, table):
    names = tuple(name) if isinstance(name, tuple) and table.found(name) is None else (name,)
    names = tuple(table.checked("facet", one) for one in names)
    if len(set(names)) < len(names) or not names:
        raise FairkitError("a cross names a column twice, or none", "each column once", quote(name))
    if len(names) > 1 and values is not None and not (isinstance(values, (tuple, list)) and len(values) == len(names)):
        raise FairkitError(f"the values of the cross {','.join(map(str, names))} are not one for each column",
                           f"{len(names)} values, of which None means every value", quote(values))
    given = [None] * len(names) if values is None else list(values) if len(names) > 1 else [values]
    parts = [_options(one, condition, table) for one, condition in zip(names, given, strict=True)]
    texts = tuple(map(column_text, names))
    return Facet(texts, dict(zip(texts, (column for column, _ in parts), strict=True)),
                 tuple(options for _, options in parts), any(condition is None for condition in given),
                 _intervals(names, given, table) if len(names) == 1 else {})


def _options(name, given, table):
    """(the column, its options)."""
    if given is None:
        column = table.groups(name)
        return column, [(str(value), {str(value)}) for value in column.values]
    condition = condition_of("facet_values", given)
    if isinstance(condition, Above):
        return _cut(table.numbers(name), condition), [(condition.text, {_ABOVE})]
    column = table.groups(name)
    condition.check(name, column.values)
    return column, [(condition.text, {str(value) for value in column.values if condition.holds(value)})]


def _intervals(names, given, table):
    conditions = [(name, condition_of("facet_values", one)) for name, one in zip(names, given) if one is not None]
    return {condition.text: condition.interval(table.numbers(name)) for name, condition in conditions
            if isinstance(condition, Above)}


def _cut(numbers, condition):
    above = numbers >= condition.threshold if condition.equal else numbers > condition.threshold
    codes = np.where(np.isnan(numbers), 2, ~above).astype(np.uint8)
    return GroupColumn(codes, ((_ABOVE,), (_NOT,), ()))
