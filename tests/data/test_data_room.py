"""The room's door: what it offers, and what it costs to open."""

import subprocess
import sys

import pytest

import fairkit


def test_the_public_names():
    assert dir(fairkit.data) == fairkit.data.__all__ == [
        "COUNTERPARTS", "MENTION_TERMS", "annotate_mentions", "as_written", "census", "civil_comments",
        "colored_images",
        "comments", "corrupt", "handwritten_numbers", "read", "swap_colors", "swap_mentions", "to_table", "write"]
    assert all(callable(getattr(fairkit.data, name)) for name in fairkit.data.__all__ if not name.isupper())
    with pytest.raises(AttributeError, match="coments"):
        fairkit.data.coments  # noqa: B018


def test_no_tensorflow_and_no_pandas_on_opening():
    code = """if True:
        import sys, fairkit
        fairkit.data
        assert not {"pandas", "pyarrow", "tensorflow", "keras"} & set(sys.modules)
        fairkit.data.comments(size=10), fairkit.data.handwritten_numbers(size=10), fairkit.data.read
        assert not {"tensorflow", "keras"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)
