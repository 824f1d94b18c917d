"""What Keras says when it refuses, for our own one-line messages."""

__all__ = ["in_one_line"]


def in_one_line(error, length=200):
    """The beginning of an exception's text on one line; Keras's own text can run over a page.

    Example:
        >>> from fairkit.models.keras_errors import in_one_line
        >>> in_one_line(ValueError("Bad\\n  input."))
        'Bad input.'
    """
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " ..."
