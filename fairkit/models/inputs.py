"""What a model is fed: the inputs that it declares, in its own structure and order, out of the inputs of examples."""

import copy
import numbers
import re
from collections.abc import Mapping
from dataclasses import dataclass

from fairkit.errors import FairkitError, quote
from fairkit.inputs import NestedInputs, as_given
from fairkit.texts import Texts

__all__ = ["ModelInputs", "declared_inputs", "fed", "in_order"]

_AUTOMATIC = re.compile(r"(keras_tensor|input_layer|input)(_\d+)?")


@dataclass(frozen=True)
class _Input:
    """One declared input.

    Attributes:
        name: what users call it: its key in a dict of inputs, otherwise its name.
        names: all that it may be called.
        shape: of one example; None where it is not known.
        dtype: its name.
        unnamed: whether Keras made the name up.
    """

    name: str
    names: tuple
    shape: tuple | None
    dtype: str
    unnamed: bool


class ModelInputs:
    """The inputs that a model declares.

    Declared are those of functional and Sequential models (of Keras 3 and tf_keras), of `SavedModel`, and of any model
    with an attribute `declared_inputs`: tensors or their specs, in dicts, lists and tuples. A subclassed model declares
    nothing: it is fed the inputs as they were given.

    Args:
        model: a model.

    Attributes:
        names: list of the declared names, in order; empty where nothing is declared.
        shapes: dict of name -> shape of one example, None where it is not known.

    Example:
        >>> import fairkit, keras, numpy as np
        >>> from fairkit.models.inputs import ModelInputs
        >>> income = keras.Input((1,), name="income")
        >>> model = keras.Model({"income": income}, keras.layers.Activation("sigmoid")(income))
        >>> ModelInputs(model).taken({"age": np.array([60, 20]), "income": np.array([-3, 3])})
        {'income': array([-3,  3])}
        >>> ModelInputs(fairkit.models.digit_classifier(seed=0)).taken(np.zeros((5, 28, 28)))
        Traceback (most recent call last):
        ...
        fairkit.errors.FairkitError: the examples do not fit the model's input 'image'. Expected: shape (28, 28, 3). ...
    """

    def __init__(self, model):
        self._structure = _described(declared_inputs(model))
        self._leaves = list(_leaves(self._structure))
        self.names = [leaf.name for leaf in self._leaves]
        self.shapes = {leaf.name: leaf.shape for leaf in self._leaves}

    @property
    def structure(self):
        """The declared names as the model takes them: one, or dicts and tuples of them; None if nothing is declared."""
        return None if self._structure is None else _names(self._structure)

    @property
    def unnamed(self):
        """Whether Keras made up the name of an input."""
        return any(leaf.unnamed for leaf in self._leaves)

    @property
    def specs(self):
        """dict of name -> (shape with the batch's dimension or None, name of the dtype)."""
        return {leaf.name: (None if leaf.shape is None else (None, *leaf.shape), leaf.dtype) for leaf in self._leaves}

    def joined(self, columns):
        """The structure that the model takes, of a dict of name -> anything."""
        return as_given(NestedInputs(columns, self.structure))

    def taken(self, inputs):
        """What the model is fed of the inputs of examples, as `Examples.inputs` holds it.

        Args:
            inputs: of `Examples`: a column, a dict of columns, or `NestedInputs`.

        Returns:
            Columns of these: one, a dict in the declared order, or `NestedInputs` in the model's structure. All of
            them, as they are, where the model declares nothing.

        Raises:
            FairkitError: if an input is missing, there is one column for several inputs, a shape differs, or texts are
                given where the model takes numbers, or the other way round.
        """
        if not self._leaves:
            return inputs
        columns = self.columns(inputs)
        for leaf in self._leaves:
            _require_kind(leaf, columns[leaf.name])
            got = getattr(columns[leaf.name], "shape", None)
            if got is not None and leaf.shape is not None and not _fits(tuple(got)[1:], leaf.shape):
                raise FairkitError(f"the examples do not fit the model's input {quote(leaf.name)}",
                                   f"shape {_text(leaf.shape)}", _text(tuple(got)[1:]))
        names = _names(self._structure)
        if isinstance(names, str):
            return columns[names]
        flat = isinstance(names, dict) and all(isinstance(part, str) for part in names.values())
        return {key: columns[name] for key, name in names.items()} if flat else NestedInputs(columns, names)

    def columns(self, inputs):
        """dict of declared name -> column of the inputs of examples; all of them where the model declares nothing.

        Raises:
            FairkitError: if an input is missing, or there is one column for several inputs.
        """
        if not self._leaves:
            return inputs if isinstance(inputs, Mapping) else {"inputs": inputs}
        if not isinstance(inputs, Mapping):
            if len(self._leaves) > 1:
                raise FairkitError("the model has several inputs and the examples have one", self._wanted(),
                                   type(inputs).__name__)
            return {self._leaves[0].name: inputs}
        if isinstance(inputs, NestedInputs):
            found = {}
            if _aligned(self._structure, inputs.structure, found):
                return {name: inputs[given] for name, given in found.items()}
        for which in range(max(len(leaf.names) for leaf in self._leaves)):
            called = {leaf.name: leaf.names[min(which, len(leaf.names) - 1)] for leaf in self._leaves}
            if all(given in inputs for given in called.values()):
                return {name: inputs[given] for name, given in called.items()}
        if len(self._leaves) == 1 and len(inputs) == 1 and self._leaves[0].unnamed:
            return {self._leaves[0].name: next(iter(inputs.values()))}
        raise self._missing(inputs)

    def _missing(self, inputs):
        received = f"inputs named {', '.join(map(quote, inputs))}"
        if len(self._leaves) == 1 and self._leaves[0].unnamed:
            return FairkitError("the model has one input, without a name, and the examples have several",
                                f"Examples(inputs=...) with one array {_text(('n', *(self._leaves[0].shape or ())))}, "
                                "such as frame.to_numpy() of the columns that it was trained on", received)
        if self.unnamed:
            return FairkitError("the model's inputs have no names of their own", self._wanted(), received)
        lacking = next((leaf.name for leaf in self._leaves if not any(name in inputs for name in leaf.names)),
                       self.names[0])
        return FairkitError(f"the model's input {quote(lacking)} is missing from the examples",
                            f"inputs named {', '.join(map(quote, self.names))}", received)

    def _wanted(self):
        """How examples are made that hold all inputs."""
        if not self.unnamed:
            return f"Examples(inputs={{...}}) with {', '.join(map(quote, self.names))}"
        if isinstance(self._structure, tuple) and all(isinstance(part, _Input) for part in self._structure):
            return f"Examples(inputs=(...)) with a tuple of {len(self._leaves)} arrays, in the order of the model"
        return f"Examples(inputs=...) in the structure of the model, {_names(self._structure)}"


def fed(model, examples):
    """The examples with what the model is fed of their inputs, in the model's structure.

    Raises:
        FairkitError: as `ModelInputs.taken`.
    """
    given = copy.copy(examples)
    given.inputs = ModelInputs(model).taken(examples.inputs)
    return given


def in_order(model, examples):
    """Examples whose named columns are fed in their order to a model whose inputs have no names.

    For where the columns were listed for this very model, as on the command line; the order of a frame says nothing.
    """
    inputs, declared = examples.inputs, ModelInputs(model)
    if not declared.unnamed or not isinstance(inputs, dict) or isinstance(inputs, NestedInputs) or \
            len(inputs) != len(declared.names) or len(inputs) < 2:
        return examples
    given = copy.copy(examples)
    given.inputs = NestedInputs(inputs, tuple(inputs))
    return given


def declared_inputs(model):
    """Tensors, or specs of them, in the model's structure; None for a model that declares nothing."""
    own = _part(model, "declared_inputs")
    if own is not None:
        return own
    inputs = _part(model, "inputs")
    if not isinstance(inputs, (list, tuple)) or not inputs or not all(map(_is_tensor, inputs)):
        return None
    # The first call of a Sequential model may have been with another tensor than its input.
    structures = [_part(model, name) for name in ("_inputs_struct", "_nested_inputs")]
    return next((structure for structure in structures if structure is not None), inputs)


def _part(model, name):
    try:
        return getattr(model, name, None)
    except (AttributeError, ValueError, RuntimeError):
        return None


def _is_tensor(part):
    return hasattr(part, "shape") and hasattr(part, "dtype")


def _described(part, path=()):
    """The structure with an `_Input` for each tensor; a list of one is that one."""
    if part is None:
        return None
    if isinstance(part, Mapping):
        return {key: _described(value, (*path, key)) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return _described(part[0], path) if len(part) == 1 and not path else tuple(
            _described(value, (*path, at)) for at, value in enumerate(part))
    history = getattr(part, "_keras_history", None)
    layer = getattr(history, "operation", None) or getattr(history, "layer", None)
    # Of a tensor the name is another one when the model is loaded; of its input layer it is not.
    given = [name for name in (getattr(layer, "name", None), getattr(part, "name", None)) if isinstance(name, str)]
    keyed = len(path) == 1 and isinstance(path[0], str)
    place = "/".join(map(str, path))
    names = tuple(dict.fromkeys([path[0], *given] if keyed else [*given, place]))
    shape = getattr(part, "shape", None)
    known = shape is not None and getattr(shape, "rank", 0) is not None
    return _Input(names[0], names, tuple(shape)[1:] if known else None, getattr(part.dtype, "name", str(part.dtype)),
                  all(map(_AUTOMATIC.fullmatch, names[:1] if keyed else given)))


def _leaves(structure):
    if isinstance(structure, _Input):
        yield structure
    elif structure is not None:
        for part in structure.values() if isinstance(structure, dict) else structure:
            yield from _leaves(part)


def _names(structure):
    if isinstance(structure, _Input):
        return structure.name
    if isinstance(structure, dict):
        return {key: _names(part) for key, part in structure.items()}
    return tuple(map(_names, structure))


def _aligned(structure, given, found):
    """Whether inputs were given in the model's own structure; `found` gets the given name of each declared one."""
    if isinstance(structure, _Input):
        if isinstance(given, tuple) and len(given) == 1:
            given = given[0]
        if not isinstance(given, str):
            return False
        found[structure.name] = given
        return True
    if isinstance(structure, dict):
        return isinstance(given, dict) and all(key in given and _aligned(part, given[key], found)
                                               for key, part in structure.items())
    return isinstance(given, tuple) and len(given) == len(structure) and all(
        _aligned(part, one, found) for part, one in zip(structure, given, strict=True))


def _require_kind(leaf, column):
    dtype = getattr(column, "dtype", None)
    kind, first = getattr(dtype, "kind", None), None
    if kind == "O" and len(column):
        first = next(iter(column.flat)) if hasattr(column, "flat") else column[0]
    are_texts = isinstance(column, Texts) or kind in ("U", "S") or isinstance(first, (str, bytes))
    are_numbers = kind in ("b", "i", "u", "f") or isinstance(first, numbers.Number)
    if (are_numbers and leaf.dtype == "string") or (are_texts and leaf.dtype != "string"):
        expected = "texts (or serialized tf.Examples, as bytes, where a SavedModel parses these)" if are_numbers else \
            f"numbers that become {leaf.dtype}"
        wanted = "texts" if are_numbers else "numbers"
        raise FairkitError(f"the model's input {quote(leaf.name)} takes {wanted}", expected,
                           f"{'texts' if are_texts else dtype} of shape {getattr(column, 'shape', (len(column),))}")


def _fits(got, wanted):
    """Keras adds or drops a last axis of length 1 by itself."""
    if len(got) == len(wanted):
        return all(w is None or g == w for g, w in zip(got, wanted))
    longer, shorter = max(got, wanted, key=len), min(got, wanted, key=len)
    return len(longer) == len(shorter) + 1 and longer[-1] in (1, None) and _fits(longer[:-1], shorter)


def _text(shape):
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")" if shape else "() (one value)"
