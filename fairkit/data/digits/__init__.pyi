from fairkit.data.digits.attributes import DIGIT_ATTRIBUTES as DIGIT_ATTRIBUTES
from fairkit.data.digits.attributes import FASHION_ATTRIBUTES as FASHION_ATTRIBUTES
from fairkit.data.digits.coloring import COLORS as COLORS
from fairkit.data.digits.coloring import colored_images as colored_images
from fairkit.data.digits.handwritten import handwritten_numbers as handwritten_numbers
from fairkit.data.digits.named_sets import CUSTOMER_NOISE as CUSTOMER_NOISE
