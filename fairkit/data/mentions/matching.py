"""The words of one group column, compiled: which groups does a text mention?"""

import re
from dataclasses import dataclass

from fairkit.data.mentions.spelling import folded, mark_ranges, spelled
from fairkit.errors import FairkitError, quote

__all__ = ["GAP", "AsWritten", "ColumnTerms", "as_written", "pattern_of", "plural_of"]

GAP = re.compile(r"[\s-]+")
_SPACE = "(?:[\\t-\\r\\x1c- _]+|-)"      # a space in a term: white space, underlines, or a hyphen
_MANY = 2000   # terms; with more of them RE2 runs out of its memory and becomes slow
_NO_LETTER = r"[^\pL\pN\pM]"


@dataclass(frozen=True)
class AsWritten:
    """A term whose case counts; made by `as_written`."""

    term: str


def as_written(term: str) -> AsWritten:
    """A term that `annotate_mentions` finds only in this case, and of which it derives no plural.

    Example:
        >>> import fairkit
        >>> texts = ["My computers broke.", "Ask IT about it.", "It broke."]
        >>> examples = fairkit.Examples(inputs=texts, labels=[0, 0, 0], groups={})
        >>> terms = {"trade": {"computing": [fairkit.data.as_written("IT"), "computer"]}}
        >>> fairkit.data.annotate_mentions(examples, terms).groups["trade"].to_list()
        ['computing', 'computing', None]
    """
    return AsWritten(term)


class ColumnTerms:
    """The terms of one column.

    A text is looked at in two ways that agree. Regular expressions for RE2, which passes over a column's bytes once at
    a cost that hardly depends on the number of terms, say which texts hold a term of a group; where terms overlap that
    does not settle what counts, and `mentioned` reads the text from left to right.

    Attributes:
        cased: the case of some term counts: texts are looked at as `spelled` makes them, else as `folded` does.
        any: the expression for a text with any term; None where there are too many for RE2.
        by_group: dict of group -> the expression for a text with a term of it.
        overlapping: the expression for a text with a term that shares a word with another group's, None if there is no
            such term.
    """

    def __init__(self, column, groups):
        forms = {group: {form for word in words for form in _forms(f"terms[{quote(column)}][{quote(group)}]", word)}
                 for group, words in groups.items()}
        every = set().union(*forms.values())
        self.cased = any(exact for exact, _ in every)
        self._groups = {}      # (exact, the term as it is looked up) -> the groups that it names
        for group, mine in forms.items():
            for exact, form in mine:
                self._groups.setdefault((exact, GAP.sub(" ", form)), set()).update(() if group is None else (group,))
        loose, exact = ([form for is_exact, form in every if is_exact is kind] for kind in (False, True))
        self._loose = pattern_of(loose, re.IGNORECASE if self.cased else 0) if loose else None
        self._exact = pattern_of(exact, 0) if exact else None
        self.any = _for_re2(every, self.cased) if len(every) <= _MANY else None
        self.by_group = {group: _for_re2(mine, self.cased) for group, mine in forms.items() if group is not None}
        overlapping = _overlapping(forms)
        self.overlapping = _for_re2(overlapping, self.cased) if overlapping else None
        self._known = {}

    def mentioned(self, text):
        """The set of groups that a text mentions: of two terms that overlap the first counts, then the longer."""
        text = text.replace("_", " ")
        if not self.cased:
            return frozenset().union(*(self._named(False, term) for term in self._loose.findall(text)))
        groups, at = set(), 0
        while matches := [m for m in (p and p.search(text, at) for p in (self._loose, self._exact)) if m]:
            first = min(matches, key=lambda m: (m.start(), -m.end()))
            for match in matches:
                if match.span() == first.span():
                    groups |= self._named(match.re is self._exact, match[0])
            at = first.end()
        return frozenset(groups)

    def _named(self, exact, term):
        try:
            return self._known[exact, term]
        except KeyError:
            key = GAP.sub(" ", term if exact else folded(term))
            return self._known.setdefault((exact, term), frozenset(self._groups[exact, key]))


def _forms(at, word):
    """(whether case counts, spelling) of all that is to be looked for: the term and its regular plural."""
    exact = isinstance(word, AsWritten)
    text = word.term if exact else word
    if not isinstance(text, str):
        raise FairkitError(f"a term in {at} is no text", "a word or several, or as_written(...)", quote(word))
    form = " ".join((spelled(text) if exact else folded(text)).replace("_", " ").split())
    if not form:
        raise FairkitError(f"a term in {at} is empty", "a word or several", quote(text))
    return [(exact, f) for f in ([form] if exact else [form, *plural_of(form)])]


def plural_of(word):
    if not ("a" <= word[-1] <= "z"):
        return []
    if word[-1] == "y" and word[-2:-1] not in tuple("aeiou"):
        return [word[:-1] + "ies"]
    return [word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")]


def _overlapping(forms):
    """The terms of several words that share one of them with a term of another group."""
    groups = {}
    for group, mine in forms.items():
        for _, form in mine:
            for word in _words(form):
                groups.setdefault(word, set()).add(group)
    return {(exact, form) for mine in forms.values() for exact, form in mine
            if len(words := _words(form)) > 1 and len(set().union(*(groups[word] for word in words))) > 1}


def _words(form):
    return re.findall(r"\w+", form.casefold())


def pattern_of(forms, flags):
    # A word ends where no letter, digit or combining mark follows: at hyphens and apostrophes, too.
    first, marks = "".join(sorted({re.escape(form[0]) for form in forms})), mark_ranges()
    return re.compile(rf"(?<!\w)(?=[{first}])(?<![{marks}]){_alternatives(forms)}(?![\w{marks}])", flags)


def _alternatives(forms):
    """A regular expression for any of the texts that tries the longer ones first, by their common beginnings."""
    tree = {}
    for form in forms:
        branch = tree
        for letter in form:
            branch = branch.setdefault(letter, {})
        branch[""] = {}

    def joined(branch):
        rests = [(_SPACE if letter == " " else re.escape(letter)) + joined(below)
                 for letter, below in sorted(branch.items()) if letter]
        if not rests:
            return ""
        return f"(?:{'|'.join(rests)})" + ("?" if "" in branch else "") if len(rests) > 1 or "" in branch else rests[0]

    return joined(tree)


def _for_re2(forms, cased):
    either = "|".join(f"(?i:{_literal(form)})" if cased and not exact else _literal(form)
                      for exact, form in sorted(forms))
    return f"(?:^|{_NO_LETTER})(?:{either})(?:$|{_NO_LETTER})"


def _literal(form):
    return _SPACE.join(re.escape(part) for part in form.split(" "))
