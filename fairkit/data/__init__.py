"""Where examples come from: handwritten numbers, generated comments, and any CSV file."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "comments": "fairkit.data.generated_comments",
    "handwritten_numbers": "fairkit.data.digits",
    "read": "fairkit.data.files",
})
