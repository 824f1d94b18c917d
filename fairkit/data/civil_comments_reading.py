"""Civil Comments: comments of news sites, with the shares of annotators who found them toxic or naming a group."""

from pathlib import Path

import numpy as np

from fairkit.arguments import probability
from fairkit.data.identity_columns import IDENTITIES, attribute_of, exceeds
from fairkit.data.reading.bad_rows import BadRows
from fairkit.data.reading.gathering import gathered
from fairkit.data.reading.group_cells import group_of
from fairkit.data.reading.ids import ids_of
from fairkit.data.reading.inputs import input_of
from fairkit.data.reading.number_columns import is_text, numbers_of, plain, shown, single_values
from fairkit.data.reading.sources import open_source
from fairkit.data.reading.tfrecord_files import TFRecordFiles
from fairkit.errors import FairkitError, quote
from fairkit.examples import Examples

__all__ = ["civil_comments"]

_USUAL = 0.5
_FORMS = ("columns comment_text (or text), toxicity (or target) and either one for each identity (christian, muslim, "
          f"...) or {', '.join(IDENTITIES)}")


def civil_comments(source="civil_comments/CivilCommentsIdentities", split: str | None = None, *, toxicity: float = 0.5,
                   identity: float = 0.5, annotated: bool = True, data_dir: str | Path | None = None) -> Examples:
    """The Civil Comments, from TensorFlow Datasets or from files.

    A comment is toxic, and names a group, where at least the given share of its annotators said so: `share >= 0.5`, as
    in the tutorials of TensorFlow's Fairness Indicators and MinDiff. Identities are gathered by attribute, with several
    values a comment. Comments without a text are left out, as in these tutorials.

    Only about a quarter of the comments were annotated for identities. A comment that was not must not be taken for one
    that names nobody: such comments are left out, unless `annotated` is False.

    Args:
        source: the name of TensorFlow Datasets' data set, which has annotated comments only; or a file, folder, frame
            or data set as `fairkit.data.read` takes it, told by its columns:
            - shares: the released CSV (all_data.csv, or Kaggle's train.csv) and anything with its columns;
            - preprocessed: the CSV and TFRecord files of the tutorials (train_df_processed.csv,
              validate_tf_processed.tfrecord), where toxicity is 0 or 1 and each attribute lists identities, in CSV as
              a text such as "['christian', 'muslim']". They do not tell which comments were annotated.
        split: of TensorFlow Datasets: "train", "validation", "test", or a part such as "train[:10%]".
        toxicity: the share of annotators from which on a comment counts as toxic, in [0, 1].
        identity: the share of annotators from which on a comment counts as naming an identity, in [0, 1].
        annotated: leave out the comments that nobody annotated for identities. With False they are kept, in no group.
        data_dir: where TensorFlow Datasets keeps its data sets.

    Returns:
        `Examples` with inputs n texts (`fairkit.texts.Texts`), labels int64 (1 = toxic), the released ids where the
        source has them, and the group columns
        religion (atheist, buddhist, christian, hindu, jewish, muslim, other_religion),
        gender (female, male, transgender, other_gender),
        sexual_orientation (heterosexual, homosexual_gay_or_lesbian, bisexual, other_sexual_orientation),
        race (asian, black, latino, white, other_race_or_ethnicity) and
        disability (physical_disability, intellectual_or_learning_disability, psychiatric_or_mental_illness,
        other_disability).

    Raises:
        FairkitError: for a source that is not there or has other columns, a share outside [0, 1], or a threshold for
            preprocessed files, which were judged at 0.5 when they were made.

    Example:
        >>> import fairkit, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "train_df_processed.csv"
        >>> columns = "comment_text,toxicity,gender,sexual_orientation,religion,race,disability"
        >>> _ = path.write_text(f'''{columns}\\nhello,0,[],[],"['christian', 'muslim']",[],[]\\n''')
        >>> fairkit.data.civil_comments(path).groups["religion"].to_list()
        [('christian', 'muslim')]
    """
    toxicity = probability("the toxicity threshold", toxicity)
    identity = probability("the identity threshold", identity)
    opened = open_source(source, split=split, data_dir=data_dir)
    comment, label = _one_of(opened, ("comment_text", "text")), _one_of(opened, ("toxicity", "target"))
    if any(name in opened.names for names in IDENTITIES.values() for name in names):
        examples = _from_shares(opened, comment, label, toxicity, identity, annotated)
    elif any(name in opened.names for name in IDENTITIES):
        examples = _preprocessed(opened, comment, label, toxicity, identity)
    else:
        raise FairkitError(f"{opened.what} says nothing of identities", f"{_FORMS}; of TensorFlow Datasets "
                           "'civil_comments/CivilCommentsIdentities'", ", ".join(opened.names[:12]))
    if not len(examples):
        raise FairkitError(f"{opened.what} has no comments with annotated identities",
                           "at least one; annotated=False keeps the others", "none")
    return examples


def _one_of(source, names):
    for name in names:
        if name in source.names:
            return name
    raise FairkitError(f"{source.what} has no column {quote(names[0])}", _FORMS, ", ".join(source.names[:12]))


def _from_shares(source, comment, label, toxicity, identity, annotated):
    every = [name for names in IDENTITIES.values() for name in names]
    ids = ["id"] if "id" in source.names else []
    table, places = _table(source, [comment, label, *every, *ids], encoded={label, *every})
    labels = exceeds(_shares(label, table.pop(label), places), toxicity)
    unknown, groups = np.zeros(len(labels), bool), {}
    for attribute, names in IDENTITIES.items():
        mentioned = {}
        for name in names:
            column = table.pop(name)
            missing = column.is_null().to_numpy()
            unknown |= missing
            filled = column.fill_null("0" if is_text(column.type) else 0) if missing.any() else column
            mentioned[name] = exceeds(_shares(name, filled, places), identity)
        groups[attribute] = attribute_of(attribute, mentioned)
    examples = Examples(inputs=_texts(comment, table[comment], places), labels=labels.astype(np.int64), groups=groups,
                        ids=ids_of("id", table["id"], places, BadRows("raise")) if ids else None)
    return _kept(examples, table[comment], ~unknown if annotated else None)


def _preprocessed(source, comment, label, toxicity, identity):
    if identity != _USUAL:
        raise FairkitError(f"the identities of {source.what} were judged when it was preprocessed",
                           f"identity={_USUAL}, or the original shares", f"identity={identity}")
    there = [attribute for attribute in IDENTITIES if _is_there(source, attribute)]
    table, places = _table(source, [comment, label, *there], encoded={label, *there})
    shares = _shares(label, _as_digits(table[label]), places)
    if toxicity != _USUAL and not np.any((shares > 0) & (shares < 1)):
        raise FairkitError(f"the toxicity in {source.what} was judged when it was preprocessed",
                           f"toxicity={_USUAL}, or the original shares", f"toxicity={toxicity}")
    groups = {attribute: [None] * len(shares) for attribute in IDENTITIES}
    for attribute in there:
        written = is_text(plain(table[attribute]).type)
        groups[attribute] = group_of(attribute, table[attribute], places, BadRows("raise"), "list" if written else None)
    labels = exceeds(shares, toxicity).astype(np.int64)
    examples = Examples(inputs=_texts(comment, table[comment], places), labels=labels, groups=groups)
    return _kept(examples, table[comment])


def _is_there(source, attribute):
    """Whether a source has a column; TFRecords have none for an attribute of which no record names an identity."""
    if attribute in source.names or not isinstance(source, TFRecordFiles):
        return bool(source.checked([attribute]))
    try:
        return bool(source.checked([attribute]))
    except FairkitError:
        return False


def _table(source, columns, encoded):
    """(dict of name -> chunked column of single values, or of lists of identities; `Places` of the rows)."""
    table, places, rows = gathered(source, source.checked(columns), encoded=encoded, bytes_kept=set(),
                                   bad_rows=BadRows("raise"))
    if not rows:
        raise FairkitError(f"{source.what} has no rows", "at least one comment", "none")
    bad = BadRows("raise")
    return {name: column if name in IDENTITIES else single_values("value", name, plain(column), places, bad)
            for name, column in table.items()}, places


def _shares(name, column, places):
    bad = BadRows("raise")
    shares = numbers_of("a share of annotators", name, column, places, bad)
    bad.mark((shares < 0) | (shares > 1), places, name,
             f"a share of annotators in column {quote(name)} is out of range",
             "a number in [0, 1]", shown(column))
    return shares


def _as_digits(column):
    """Labels that pandas wrote as True and False as 1 and 0."""
    import pyarrow.compute as pc

    if not is_text(column.type):
        return column
    return pc.replace_substring_regex(pc.replace_substring_regex(column, "^True$", "1"), "^False$", "0")


def _texts(name, column, places):
    return input_of(name, column, places, BadRows("raise"), empty_is_text=True)


def _kept(examples, texts, annotated=None):
    """The examples with a text, and of these the annotated ones."""
    import pyarrow.compute as pc

    keep = pc.greater(pc.binary_length(texts), 0).fill_null(False).to_numpy()
    keep = keep if annotated is None else keep & annotated
    return examples if keep.all() else examples.take(keep)
