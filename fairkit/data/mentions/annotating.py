"""Groups by keyword mention."""

from collections.abc import Mapping, Sequence

from fairkit.data.mentions.matching import AsWritten, ColumnTerms
from fairkit.data.mentions.scanning import mention_columns
from fairkit.data.mentions.terms import MENTION_TERMS
from fairkit.data.mentions.text_columns import text_column
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples

__all__ = ["annotate_mentions"]


def annotate_mentions(examples: Examples, terms: Mapping | str | Sequence[str] | None = None,
                      inputs: str | None = None, *, replace: bool = False) -> Examples:
    """Adds group columns that say which groups each text mentions, by the words that name them.

    A term is found as a whole word: beside it stands no letter and no digit, so that "muslim" is found in "Muslim's"
    and "anti-muslim" but not in "muslimah". Case does not count (see `as_written`), nor do the shapes of apostrophes
    and hyphens or Unicode's several spellings of one letter. Regular English plurals are found as well, irregular
    ones only if they are listed. A space in a term stands for any white space, or a hyphen. Where two terms of a column
    overlap, the one that begins first counts, of these the longest: with "trans woman" listed under "transgender", it
    does not count as the "woman" of another group. What else is in a term is meant literally, never as a pattern.

    A mention says nothing of what is said about the group, nor by whom; docs/comments.md tells what it is worth.

    Args:
        examples: `Examples` whose inputs are n texts, or a dict of inputs with texts among them.
        terms: dict of new column -> {group: words}. The words of the group None mention nobody: with "Christian Dior"
            there, the name is not a mention of Christians. Or the names of lists in `fairkit.data.MENTION_TERMS`
            ("religion", "gender", "sexual_orientation"); all of these by default.
        inputs: which of several named inputs holds the texts.
        replace: put a column in place of one that has its name.

    Returns:
        `Examples` with the columns added; a cell holds the groups mentioned: none, one or several.

    Raises:
        FairkitError: if the inputs are no texts, for terms that are not as described, or a column that is there.

    Example:
        >>> import fairkit
        >>> texts = ["My Muslim neighbour and the Jews next door.", "The churches of Rome.", "Nice weather."]
        >>> examples = fairkit.Examples(inputs=texts, labels=[0, 0, 0], groups={})
        >>> fairkit.data.annotate_mentions(examples, "religion").groups["religion"].to_list()
        [('jewish', 'muslim'), 'christian', None]
        >>> animals = {"animal": {"cat": ["cat", "kitten"], "mouse": ["mouse", "mice"], None: ["cat and mouse game"]}}
        >>> examples = fairkit.Examples(inputs=["Mice fear cats.", "A cat-and-mouse game."], labels=[0, 1], groups={})
        >>> fairkit.data.annotate_mentions(examples, animals).groups["animal"].to_list()
        [('cat', 'mouse'), None]
    """
    if not isinstance(examples, Examples):
        raise FairkitError("mentions are looked for in examples", "fairkit.Examples", type(examples).__name__)
    columns = {name: ColumnTerms(name, groups) for name, groups in _checked(terms).items()}
    there = [name for name in columns if name in examples.groups]
    if there and not replace:
        raise FairkitError(f"there is a group column {quote(there[0])} already",
                           "another name, or replace=True to put the mentions in its place", quote(there[0]))
    found = mention_columns(text_column(examples.inputs, inputs), columns)
    annotated = Examples(labels=examples.labels, groups={**examples.groups, **found}, inputs=examples.inputs,
                         weights=examples.weights, ids=examples.given_ids, missing_inputs="keep")
    annotated.set_aside = examples.set_aside
    return annotated


def _checked(terms):
    """The terms as a dict of column -> {group: list of words}."""
    if terms is None:
        return MENTION_TERMS
    if isinstance(terms, str) or (isinstance(terms, Sequence) and all(isinstance(name, str) for name in terms)):
        names = [terms] if isinstance(terms, str) else list(terms)
        for name in names:
            if name not in MENTION_TERMS:
                raise FairkitError(f"there is no list of terms {quote(name)}", nearest(name, MENTION_TERMS),
                                   quote(name))
        terms = {name: MENTION_TERMS[name] for name in names}
    if not isinstance(terms, Mapping) or not terms:
        raise FairkitError("terms are not given by column and group", "a dict of column -> {group: words}, or names "
                           f"of {', '.join(MENTION_TERMS)}", quote(terms))
    return {column: _checked_groups(column, groups) for column, groups in terms.items()}


def _checked_groups(column, groups):
    if not isinstance(column, str) or not column:
        raise FairkitError("a group column has no proper name", "a text that is not empty", quote(column))
    if not isinstance(groups, Mapping) or not any(group is not None for group in groups):
        raise FairkitError(f"terms[{quote(column)}] are not given by group", "a dict of group -> words", quote(groups))
    checked = {}
    for group, words in groups.items():
        if group is not None and (not isinstance(group, str) or not group):
            raise FairkitError(f"a group of terms[{quote(column)}] has no proper name",
                               "a text, or None for words that "
                               "mention nobody", quote(group))
        words = [words] if isinstance(words, (str, AsWritten)) else words
        if not isinstance(words, (Sequence, set, frozenset)) or not words:
            raise FairkitError(f"terms[{quote(column)}][{quote(group)}] are no words", "a list of one word or more",
                               quote(words))
        checked[group] = list(words)
    return checked
