"""Which groups a text mentions, by the words that name them."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "MENTION_TERMS": "fairkit.data.mentions.terms",
    "annotate_mentions": "fairkit.data.mentions.annotating",
    "as_written": "fairkit.data.mentions.matching",
})
