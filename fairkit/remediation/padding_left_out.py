"""A forward pass over texts that leaves out most of the padding, where that gives the same."""

from fairkit.quiet import keras, tf

__all__ = ["padding_left_out"]

_STEP = 8   # lengths are rounded up to a multiple of it: every new length costs oneDNN a little preparation


def padding_left_out(model):
    """The model as a function (texts, training) -> outputs that cuts texts to the longest of the batch; None if unfit.

    Fit are models that are one chain of TextVectorization to a fixed length, Embedding without a mask, convolutions
    without strides, GlobalMaxPooling1D, and any layers after it. Far from a text and from the end of the padding, all
    positions have the same value, and the maximum does not depend on how often a value occurs. So the padding is cut to
    where at least one such position is left. The gradients are the same too: that of the maximum is divided among the
    positions that share it, and their shares add up.
    """
    layers = _chain(model)
    kinds = [type(layer).__name__ for layer in layers]
    if kinds[:2] != ["TextVectorization", "Embedding"] or "GlobalMaxPooling1D" not in kinds:
        return None
    words, embedding, *convolutions = layers[:kinds.index("GlobalMaxPooling1D")]
    if words._output_mode != "int" or words._output_sequence_length is None or embedding.mask_zero:
        return None
    if not convolutions or not all(_slides(layer) for layer in convolutions):
        return None
    if layers[kinds.index("GlobalMaxPooling1D")].data_format != "channels_last":
        return None
    reach = 1 + sum((layer.kernel_size[0] - 1) * layer.dilation_rate[0] for layer in convolutions)

    def forward(texts, training):
        ids = words(texts)
        x = ids[:, :_length(ids, reach)]
        for layer in layers[1:]:
            x = layer(x, training=training)
        return x

    return forward


def _length(ids, reach):
    """How many positions there are to compute: those of the longest text, and what padding it needs behind it."""
    whole = tf.shape(ids)[1]
    last = tf.reduce_max(tf.where(tf.not_equal(ids, 0), tf.range(1, whole + 1), 0))
    # Within `reach` of the text and of the end, values differ from those in between, of which one is needed.
    return tf.minimum(whole, (last + 2 * reach + _STEP) // _STEP * _STEP)


def _chain(model):
    """The layers of a model in which each follows the one before and nothing else; none for other models."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    model = model._functional if isinstance(model, keras.Sequential) else model
    try:
        into, out = [layer.input for layer in layers], [layer.output for layer in layers]
        linked = all(a is b for a, b in zip([*out[:-1], model.output], [*into[1:], out[-1]]))
        return layers if layers and linked and model.input is into[0] else []
    except (AttributeError, ValueError):   # a layer that is called in several places, or by hand
        return []


def _slides(layer):
    return type(layer) is keras.layers.Conv1D and tuple(layer.strides) == (1,) and layer.data_format == "channels_last"
