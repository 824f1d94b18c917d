"""The score that MinDiff compares between groups, out of a model's outputs."""

from fairkit.quiet import keras

__all__ = ["ClassScore"]


@keras.saving.register_keras_serializable(package="fairkit")
class ClassScore:
    """A `predictions_transform` for MinDiff: outputs (n,), (n, 1) or (n, k) to scores (n, 1) in [0, 1].

    Args:
        classes: of a model with k outputs, the classes whose probabilities are summed; None for one output.
        from_logits: the outputs are logits: a sigmoid (one output) or softmax (several) is applied first.

    It can be saved with the model that holds it, which a lambda cannot.

    Example:
        >>> import numpy as np
        >>> from fairkit.remediation import ClassScore
        >>> ClassScore([1, 2])(np.array([[0.5, 0.25, 0.25]], np.float32)).numpy().tolist()
        [[0.5]]
    """

    def __init__(self, classes=None, from_logits=False):
        self.classes = None if classes is None else [int(k) for k in classes]
        self.from_logits = bool(from_logits)

    def __call__(self, predictions):
        predictions = keras.ops.cast(predictions, "float32")
        if len(predictions.shape) == 1:
            predictions = predictions[:, None]
        if self.from_logits:
            one = predictions.shape[-1] == 1
            predictions = keras.ops.sigmoid(predictions) if one else keras.ops.softmax(predictions)
        if self.classes is None:
            return predictions
        return keras.ops.sum(keras.ops.take(predictions, self.classes, axis=1), axis=1, keepdims=True)

    def get_config(self):
        return {"classes": self.classes, "from_logits": self.from_logits}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
