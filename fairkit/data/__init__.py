"""Where examples come from: handwritten numbers, comments real and generated, and any file."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "COUNTERPARTS": "fairkit.data.mentions.counterparts",
    "MENTION_TERMS": "fairkit.data.mentions.terms",
    "annotate_mentions": "fairkit.data.mentions.annotating",
    "as_written": "fairkit.data.mentions.matching",
    "census": "fairkit.data.census_data",
    "civil_comments": "fairkit.data.civil_comments_reading",
    "colored_images": "fairkit.data.digits.coloring",
    "comments": "fairkit.data.generated_comments",
    "corrupt": "fairkit.data.corrupting",
    "handwritten_numbers": "fairkit.data.digits.handwritten",
    "read": "fairkit.data.reading.examples_source",
    "swap_colors": "fairkit.data.digits.recoloring",
    "swap_mentions": "fairkit.data.mentions.swapping",
    "to_table": "fairkit.data.writing.tables",
    "write": "fairkit.data.writing.examples_file",
})
