"""The gradient of an embedding as the sum over all uses of a word, before the optimizer sees it."""

import contextlib

from fairkit.quiet import tf

__all__ = ["summed_gradients"]


@contextlib.contextmanager
def summed_gradients(optimizer):
    """While it is open, the optimizer is given one dense gradient for each table of embeddings.

    TensorFlow's gradient of a table that rows are looked up in is one row for each look-up, the same word many times
    among them. Keras 2 added up the rows of a word first. Keras 3 does not: its Adam, RMSprop and Adagrad then add up
    the squares of these rows where the square of their sum is meant, so that frequent words hardly learn; and the rows
    are added up once for each of the optimizer's averages. With plain gradient descent only the time differs.
    """
    apply = optimizer.apply
    if getattr(apply, "sums", False):   # it is open already: around this, or in the thread of another replica
        yield
        return

    def apply_summed(grads, trainable_variables=None):
        grads = [tf.convert_to_tensor(grad) if isinstance(grad, tf.IndexedSlices) else grad for grad in grads]
        return apply(grads, trainable_variables)

    apply_summed.sums = True
    optimizer.apply = apply_summed
    try:
        yield
    finally:
        optimizer.apply = apply
