"""The features among which the flip test looks for neighbours, as one matrix."""

from collections.abc import Mapping

import numpy as np

from fairkit.bias.table import numbers_of
from fairkit.column_names import column_text
from fairkit.encoding import encoded
from fairkit.errors import FairkitError, quote
from fairkit.groups import GroupColumn
from fairkit.inputs import as_given

__all__ = ["MOST_VALUES", "Features"]

MOST_VALUES = 100
"""A column of texts with more distinct ones is no categorical feature."""


class Features:
    """A matrix made column by column, each once.

    Args:
        table: `Table`.
        names: the columns to use; None for all but those that are left out for each facet.
        left_out: columns that are never features: label, predictions, weights.
        scale: whether columns are divided by their standard deviation.
        embedding: None, or a function of the inputs of examples (or of the frame) that gives (n, k) numbers.
    """

    def __init__(self, table, names=None, left_out=(), scale=False, embedding=None):
        self.table, self.names, self.left_out = table, names, set(left_out)
        self.scale, self.embedding = scale, embedding
        self._parts, self._rows = {}, None

    def taken(self, rows):
        """The same of some rows."""
        other = Features(self.table, self.names, self.left_out, self.scale, self.embedding)
        other._rows = rows
        return other

    def matrix(self, facet_names):
        """(n, k) numbers.

        Args:
            facet_names: columns of the facet, which are left out unless they are named.

        Raises:
            FairkitError: where there is no feature, or one that is no number and no category.
        """
        if self.embedding is not None or self._given() is not None:
            parts = [self._part(None, self._embedded)]
        else:
            names = self.names if self.names is not None else \
                [name for name in self.columns if name not in self.left_out and column_text(name) not in facet_names]
            if not names:
                raise FairkitError("the flip test has no features to compare by", "features= or embedding=", "none")
            parts = [self._part(name, lambda name=name: self._column(name)) for name in names]
        found = np.column_stack(parts)
        return found if self._rows is None else found[self._rows]

    @property
    def columns(self):
        """The columns that may be features: of a frame, or of examples with named inputs."""
        examples = self.table.examples
        if examples is None:
            return self.table.columns
        return examples.inputs if isinstance(examples.inputs, Mapping) else {}

    def _given(self):
        """The inputs of examples, where these are one array."""
        examples = self.table.examples
        return None if examples is None or isinstance(examples.inputs, Mapping) else examples.inputs

    def _part(self, name, made):
        if name not in self._parts:
            self._parts[name] = made()
        return self._parts[name]

    def _embedded(self):
        examples = self.table.examples
        given = self.table.given if examples is None else examples.inputs
        found = np.asarray(given if self.embedding is None else self.embedding(as_given(given)))
        if found.ndim != 2 or found.dtype.kind not in "biuf" or len(found) != len(self.table):
            raise FairkitError("these inputs are no features that distances can be taken of",
                               f"numbers of shape ({len(self.table)}, k), or embedding= a function that gives them",
                               f"{found.dtype} of shape {found.shape}")
        return self._scaled(found)

    def _column(self, name):
        if self.table.examples is None:
            name = self.table.checked("features", name)
        if name not in self.columns:
            self.table.checked("features", name)
            raise FairkitError(f"{quote(name)} is no input of these examples", f"one of {list(self.columns)}",
                               quote(name))
        column = self.columns[name]
        texts = self._texts(name, column)
        if texts is not None:
            return texts
        numbers = numbers_of(name, column)
        if np.isnan(numbers).any():
            raise FairkitError(f"feature {quote(name)} has empty cells", "numbers; or other features=",
                               f"{int(np.isnan(numbers).sum())} empty cells")
        return self._scaled(numbers[:, None])

    def _texts(self, name, column):
        """A column of texts as 0 and root 1/2, so that two rows with different texts are at distance 1; None for
        numbers."""
        dtype = getattr(column, "dtype", None)
        if isinstance(dtype, np.dtype) and dtype.kind in "biuf" and not isinstance(column, GroupColumn):
            return None
        codes, cells = (column.codes, column.cells) if isinstance(column, GroupColumn) else \
            encoded(column_text(name), column)
        if not any(isinstance(part, str) for cell in cells for part in (cell if isinstance(cell, tuple) else (cell,))):
            return None
        if len(cells) > MOST_VALUES:
            raise FairkitError(f"the texts of feature {quote(name)} are no categories",
                               f"at most {MOST_VALUES} different ones; or other features=, or embedding=", len(cells))
        hot = np.zeros((len(codes), len(cells)))
        known = np.asarray(codes) >= 0
        hot[np.flatnonzero(known), np.asarray(codes)[known]] = np.sqrt(0.5)
        return hot

    def _scaled(self, numbers):
        if not self.scale:
            return numbers
        spread = numbers.std(axis=0)
        return (numbers - numbers.mean(axis=0)) / np.where(spread > 0, spread, 1)
