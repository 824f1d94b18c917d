"""Inputs by name, some of which are taken from other examples."""

from collections.abc import Mapping

import numpy as np

from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples
from fairkit.inputs import with_columns

__all__ = ["NamedInputs"]


class NamedInputs:
    """The inputs of examples: a dict of them, or an array (n, k) whose columns have names.

    Args:
        examples: `Examples`.
        names: of the columns of an array; "0", "1" and so on if None.

    Attributes:
        names: a list.

    Raises:
        FairkitError: for other inputs, and names that do not fit.
    """

    def __init__(self, examples, names=None):
        if not isinstance(examples, Examples):
            raise FairkitError("importance is judged on examples", "fairkit.Examples", type(examples).__name__)
        self._inputs = examples.inputs
        if isinstance(self._inputs, Mapping):
            if names is not None:
                raise FairkitError("these inputs have names", "names=None", quote(names))
            self.names = list(self._inputs)
            return
        shape = tuple(getattr(self._inputs, "shape", ()))
        if len(shape) != 2:
            raise FairkitError("the inputs have no features to permute", "a dict of inputs, or an array (n, k)", "none"
                               if self._inputs is None else f"{type(self._inputs).__name__} of shape {shape}")
        self.names = [str(k) for k in range(shape[1])] if names is None else list(names)
        if len(self.names) != shape[1] or len(set(self.names)) < len(self.names):
            raise FairkitError("names do not name the columns of the inputs", f"{shape[1]} distinct names",
                               quote(names))

    def chosen(self, features):
        """A list of tuples of names, of what a caller gives as a list of names and tuples."""
        wanted = self.names if features is None else [features] if isinstance(features, str) else features
        expected = "a list of names, and of tuples of distinct names"
        if not isinstance(wanted, (list, tuple)) or not wanted:
            raise FairkitError("features names no features", expected, quote(features))
        found = [(part,) if isinstance(part, str) else part for part in wanted]
        for together in found:
            if not isinstance(together, tuple) or not together or len(set(together)) < len(together):
                raise FairkitError("features names no features", expected, quote(together))
            for name in together:
                if name not in self.names:
                    raise FairkitError(f"no input {quote(name)}", nearest(name, self.names), quote(name))
        return found

    def permuted(self, together, donors):
        """The inputs, those named in `together` taken from the examples at positions `donors` (n,)."""
        if isinstance(self._inputs, Mapping):
            taken = {name: self._inputs[name][donors] for name in together}
            return with_columns(self._inputs, {**self._inputs, **taken})
        changed, places = np.array(self._inputs), [self.names.index(name) for name in together]
        changed[:, places] = changed[donors][:, places]
        return changed
