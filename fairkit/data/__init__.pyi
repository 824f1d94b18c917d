from fairkit.data.digits import handwritten_numbers as handwritten_numbers
from fairkit.data.files import read as read
from fairkit.data.generated_comments import comments as comments
