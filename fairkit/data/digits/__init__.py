"""Handwritten numbers: grey images of any MNIST, in two colours, with groups to compare."""

from fairkit.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {
    "COLORS": "fairkit.data.digits.coloring",
    "CUSTOMER_NOISE": "fairkit.data.digits.named_sets",
    "DIGIT_ATTRIBUTES": "fairkit.data.digits.attributes",
    "FASHION_ATTRIBUTES": "fairkit.data.digits.attributes",
    "colored_images": "fairkit.data.digits.coloring",
    "handwritten_numbers": "fairkit.data.digits.handwritten",
})
