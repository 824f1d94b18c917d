"""Examples as files: one module a format."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "to_table": "fairkit.data.writing.tables",
    "write": "fairkit.data.writing.examples_file",
})
