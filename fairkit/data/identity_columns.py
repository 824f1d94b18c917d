"""The identities that the annotators of Civil Comments were asked about, and the attributes that they make up."""

import numpy as np

from fairkit.data.indicator_groups import indicator_groups
from fairkit.groups import GroupColumn

__all__ = ["IDENTITIES", "attribute_of", "exceeds"]

# Names of the columns in the released data, which TensorFlow Datasets and Kaggle share. Attribute -> identities.
IDENTITIES = {
    "religion": ["atheist", "buddhist", "christian", "hindu", "jewish", "muslim", "other_religion"],
    "gender": ["female", "male", "other_gender", "transgender"],
    "sexual_orientation": ["bisexual", "heterosexual", "homosexual_gay_or_lesbian", "other_sexual_orientation"],
    "race": ["asian", "black", "latino", "other_race_or_ethnicity", "white"],
    "disability": ["intellectual_or_learning_disability", "other_disability", "physical_disability",
                   "psychiatric_or_mental_illness"],
}


def exceeds(shares, threshold):
    """Which shares of annotators reach a threshold: `>=`, in float32, in which TensorFlow Datasets keeps them.

    Example:
        >>> from fairkit.data.identity_columns import exceeds
        >>> exceeds([0.69, 0.7, 0.71], 0.7).tolist()
        [False, True, True]
    """
    return np.asarray(shares, np.float32) >= np.float32(threshold)


def attribute_of(attribute, mentioned):
    """The `GroupColumn` of an attribute.

    Args:
        attribute: one of `IDENTITIES`.
        mentioned: dict of identity -> (n,) booleans.
    """
    names = IDENTITIES[attribute]
    codes, cells = indicator_groups(names, np.column_stack([mentioned[name] for name in names]))
    return GroupColumn(codes.astype(np.uint8), cells)
