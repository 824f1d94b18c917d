from fairkit.data.writing.examples_file import write as write
from fairkit.data.writing.tables import to_table as to_table
