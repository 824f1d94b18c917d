"""The data of counterfactual logit pairing: a batch of pairs beside every batch of the main data."""

import re

from fairkit.errors import FairkitError, quote
from fairkit.quiet import keras, silence, tf
from fairkit.remediation.endless_batches import refuse_empty, without_end

with silence():
    from tensorflow_model_remediation.counterfactual.keras.utils.input_utils import CounterfactualPackedInputs

__all__ = ["CounterfactualPackedInputs", "build_counterfactual_data", "pack_counterfactual_data"]


def build_counterfactual_data(original_input, sensitive_terms_to_remove=None, custom_counterfactual_function=None):
    """Makes pairs out of a data set of texts by removing terms, or of any data set by a function of yours.

    Names, argument order and format are those of TensorFlow Model Remediation: elements are (original_x,
    counterfactual_x, weights). Two differences: a batch loses the rows that hold no term, where TFMR drops the whole
    batch unless every row of it holds one; and terms are taken literally, not as regular expressions. To put another
    term in the place of one, see `counterfactuals` and `fairkit.data.swap_mentions`.

    Args:
        original_input: a `tf.data.Dataset` of x, (x,), (x, y) or (x, y, sample_weight), single elements or batches; y
            and sample_weight may be None. Texts have the shape () for a single element, (n,) or (n, k) for a batch of n
            rows, of which those are kept in which each of the k texts holds a term: what TFMR keeps of batches of one
            row. A dict may hold the texts by a name.
        sensitive_terms_to_remove: whole words that are removed from texts x; their case counts.
        custom_counterfactual_function: instead, a function from an element to (original_x, counterfactual_x, weights).
            With terms as well, only rows that hold one of them come to the function.

    Returns:
        A `tf.data.Dataset`. Weights are 1.0, one a row, where the function does not give others. (TFMR's have the shape
        of the texts, (n, k), which no loss on n pairs can take.)

    Raises:
        FairkitError: for what is no data set, neither terms nor a function, and terms for inputs that are no texts.
            That no row holds a term is found by `pack_counterfactual_data`.

    Example:
        >>> import tensorflow as tf
        >>> from fairkit.remediation import build_counterfactual_data
        >>> texts = tf.data.Dataset.from_tensor_slices(["bad word", "word", "a bad day"]).batch(3)
        >>> original, counterfactual, weights = next(iter(build_counterfactual_data(texts, ["bad"])))
        >>> original.numpy().tolist(), counterfactual.numpy().tolist(), weights.numpy().tolist()
        ([b'bad word', b'a bad day'], [b' word', b'a  day'], [1.0, 1.0])
    """
    dataset = _dataset(original_input, "original_input")
    terms, custom = sensitive_terms_to_remove, custom_counterfactual_function
    if custom is not None and not callable(custom):
        raise FairkitError("custom_counterfactual_function is no function", "a callable", quote(custom))
    if custom is None and not terms:
        raise FairkitError("it is not said what makes a counterfactual", "sensitive_terms_to_remove or "
                           "custom_counterfactual_function", "neither")
    if not terms:
        return dataset.map(_of_one(custom))
    pattern = _whole_words(terms)
    holding = _rows_holding(dataset, pattern)
    if custom is not None:
        return holding.map(_of_one(custom))

    def without_terms(x):
        changed = tf.nest.map_structure(lambda texts: tf.strings.regex_replace(texts, pattern, ""), x)
        texts, = tf.nest.flatten(x)
        return x, changed, tf.ones(tf.shape(texts)[:1])

    return holding.map(lambda *element: without_terms(_inputs(element)))


def pack_counterfactual_data(original_input, counterfactual_data):
    """Packs pairs beside the batches that a model is fitted to.

    Names, argument order and format are those of TensorFlow Model Remediation. The pairs start again when they end, so
    an epoch is an epoch of `original_input`.

    Args:
        original_input: the batched `tf.data.Dataset` of the main task: x, (x,), (x, y) or (x, y, sample_weight).
        counterfactual_data: a batched data set of (original_x, counterfactual_x) or (original_x, counterfactual_x,
            weights), such as `CounterfactualPairs.batches` or `build_counterfactual_data` give. Both sides have the
            structure of the main data's x. Or a dict of such data sets, each with a loss of its own: then
            `CounterfactualModel` takes a dict of losses with these keys. (TFMR takes one.)

    Returns:
        A `tf.data.Dataset` of `CounterfactualPackedInputs`, (the main batch, the pairs).

    Raises:
        FairkitError: for what is no data set, pairs of another form, or an empty data set, whose elements are counted
            in the message. Where a filter may leave nothing of the pairs, the first batch is looked for in the data.
            Batches that hold no pair are left out. While it is read: for pairs that cannot be read a second time, as
            those of a generator that is used up.

    Example:
        >>> import numpy as np, tensorflow as tf
        >>> from fairkit.remediation import pack_counterfactual_data
        >>> x = np.zeros((10, 3), np.float32)
        >>> main = tf.data.Dataset.from_tensor_slices((x, np.zeros(10))).batch(2)
        >>> pairs = tf.data.Dataset.from_tensor_slices((x[:4], x[:4] + 1)).batch(4)
        >>> packed = pack_counterfactual_data(main, pairs)
        >>> len(packed), next(iter(packed)).counterfactual_data[1].shape.as_list()
        (5, [4, 3])
    """
    main = _dataset(original_input, "original_input")
    if isinstance(counterfactual_data, dict) and counterfactual_data:
        pairs = {key: _endless_pairs(one, f"counterfactual_data[{quote(key)}]")
                 for key, one in counterfactual_data.items()}
    else:
        pairs = _endless_pairs(counterfactual_data, "counterfactual_data", "a tf.data.Dataset or a dict of them")
    packed = tf.data.Dataset.zip((main, pairs)).map(CounterfactualPackedInputs)
    if main.cardinality() >= 0:
        packed = packed.apply(tf.data.experimental.assert_cardinality(main.cardinality()))
    return packed.prefetch(tf.data.AUTOTUNE)


def _endless_pairs(dataset, name, expected="a tf.data.Dataset"):
    pairs = _dataset(dataset, name, expected)
    spec = pairs.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3) or any(isinstance(side, tf.NoneTensorSpec)
                                                                     for side in spec[:2]):
        raise FairkitError(f"{name} holds no pairs", "(original_x, counterfactual_x) or (original_x, "
                           "counterfactual_x, weights)", f"({', '.join(map(_kind, spec))})"
                           if isinstance(spec, tuple) else type(spec).__name__)
    return without_end(pairs, name)


def _dataset(dataset, name, expected="a tf.data.Dataset"):
    if not isinstance(dataset, tf.data.Dataset):
        raise FairkitError(f"{name} is no data set", expected, type(dataset).__name__)
    refuse_empty(dataset, name)
    return dataset


def _kind(spec):
    return "None" if isinstance(spec, tf.NoneTensorSpec) else type(spec).__name__.removesuffix("Spec")


def _of_one(function):
    """A function of an element, as `Dataset.map` calls it: with the parts of a tuple one by one."""
    return lambda *element: function(element if len(element) > 1 else element[0])


def _inputs(element):
    return keras.utils.unpack_x_y_sample_weight(element)[0]


def _whole_words(terms):
    if isinstance(terms, str) or not all(isinstance(term, str) and term for term in terms):
        raise FairkitError("the terms to remove are no list of words", "a list of texts", quote(terms))
    return rf"\b(?:{'|'.join(map(re.escape, sorted(terms, key=len, reverse=True)))})\b"


def _rows_holding(dataset, pattern):
    """The elements that hold a term; of batches the rows that do, in batches of the size there was."""
    x = tf.nest.flatten(_inputs(dataset.element_spec if isinstance(dataset.element_spec, tuple)
                                else (dataset.element_spec,)))
    if len(x) != 1 or x[0].dtype != tf.string or not isinstance(x[0], tf.TensorSpec) or x[0].shape.rank is None:
        raise FairkitError("terms are removed from texts", "one text a row, or k texts in each, or a "
                           "custom_counterfactual_function",
                           " and ".join(f"{part.dtype.name} of shape {part.shape}" for part in x))

    def holds(*element):
        texts, = tf.nest.flatten(_inputs(element))
        hits = tf.strings.regex_full_match(texts, rf"(?s).*{pattern}.*")
        return tf.reduce_all(hits, axis=tuple(range(1, texts.shape.rank)))

    if x[0].shape.rank == 0:
        return dataset.filter(holds)
    size = next((len(tf.nest.flatten(element)[0]) for element in dataset.take(1)), 1)
    kept = dataset.map(lambda *element: tf.nest.map_structure(
        lambda part: None if part is None else tf.boolean_mask(part, holds(*element)),
        element if len(element) > 1 else element[0]))
    return kept.unbatch().batch(size)
