from fairkit.data.mentions.annotating import annotate_mentions as annotate_mentions
from fairkit.data.mentions.matching import as_written as as_written
from fairkit.data.mentions.terms import MENTION_TERMS as MENTION_TERMS
