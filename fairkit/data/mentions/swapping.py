"""Texts that mention another group instead: for counterfactual pairs."""

import re
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np

from fairkit.data.mentions.counterparts import COUNTERPARTS
from fairkit.data.mentions.grammar import article_before, in_case_of, stands_as_noun
from fairkit.data.mentions.matching import GAP, pattern_of, plural_of
from fairkit.data.mentions.spelling import folded, spelled
from fairkit.data.mentions.text_columns import text_column
from fairkit.errors import FairkitError, nearest, quote

__all__ = ["swap_mentions"]

_CLUSTER = re.compile(r"(?s).[\u0300-\u036f\u200b-\u200d\ufe0e\ufe0f]*")


def swap_mentions(texts: Sequence[str], terms: str | Mapping, to: str | Mapping[str, str] | None = None,
                  seed: int = 0) -> np.ndarray:
    """Puts another group in the place of each that a text mentions.

    Words are found as `annotate_mentions` finds them and replaced by their counterparts: "mosques" by "churches", with
    the case of the word that was there and its plural. "A" and "an" follow. Nothing else changes. A text that mentions
    no group, or one by a word for which no other group has a counterpart, stays as it is.

    Args:
        texts: n texts.
        terms: the name of a list in `fairkit.data.COUNTERPARTS` ("religion", "gender", "sexual_orientation"), or a dict
            of group -> words: the first word of a group is the counterpart of the other groups' first words, and so on.
            Several words in a list in one place are all replaced, the first of them is put in; None in a place says
            that the group has no such word. A word in two places is a noun in the first and an adjective in the second
            ("muslim": "jew", "jewish"). What stands under the group None is left alone ("Christian Dior").
        to: the group that is put in the place of all others; or a dict of group -> group. None draws one for each
            group of a text: another group for each where there are enough.
        seed: of the drawing, which depends on it and on the text alone.

    Returns:
        An object array of n texts.

    Raises:
        FairkitError: for texts that are none, an unknown list or group, or words that are no counterparts.

    Example:
        >>> import fairkit
        >>> texts = ["An atheist and MUSLIMS met.", "Muslims' mosques.", "Nice weather."]
        >>> fairkit.data.swap_mentions(texts, "religion", to="jewish").tolist()
        ['A jew and JEWS met.', "Jews' synagogues.", 'Nice weather.']
        >>> pets = {"cat": ["cat", "kitten"], "dog": [["dog", "hound"], "puppy"]}
        >>> fairkit.data.swap_mentions(["A Kitten chased two hounds."], pets).tolist()
        ['A Puppy chased two cats.']
    """
    swapper = _Swapper(_checked(terms), to, seed)
    column = text_column(texts if hasattr(texts, "column") else np.asarray(texts, object))
    swapped = np.empty(len(column), object)
    swapped[:] = [swapper(text) for text in column.to_pylist()]
    return swapped


class _Swapper:
    """The words of one list, compiled."""

    def __init__(self, groups, to, seed):
        self.seed, self.to = seed, _checked_targets(to, [group for group in groups if group is not None])
        self.put_in = {group: [words and words[0] for words in places] for group, places in groups.items()
                       if group is not None}
        self.found = {}    # a word as it is looked up -> [(group, place, whether it is a derived plural)]
        every = [(group, place, word) for group, places in groups.items() for place, words in enumerate(places)
                 for word in words or ()]
        listed = {_key(word) for _, _, word in every}
        for group, place, word in every:
            forms = [(_key(word), False), *((form, True) for form in plural_of(_key(word)) if form not in listed)]
            for form, plural in forms:
                known = self.found.setdefault(form, [])
                if known and known[0][0] != group:
                    raise FairkitError(f"{quote(form)} is a word of two groups", "words of one group each",
                                       f"{quote(known[0][0])} and {quote(group)}")
                known.append((group, place, plural))
        self.pattern = pattern_of(sorted(self.found), re.IGNORECASE)

    def __call__(self, text):
        alike, starts = _alike(text)
        mentions = [(match, self.found[_key(match[0])]) for match in self.pattern.finditer(alike.replace("_", " "))]
        mentions = [(match, meanings) for match, meanings in mentions if meanings[0][0] is not None]
        targets = self._targets(text, mentions)
        out, at = "", 0
        for match, meanings in mentions:
            group, first, plural = meanings[0]
            if group not in targets:
                continue
            words = self.put_in[targets[group]]
            one = first if len(meanings) == 1 or plural or stands_as_noun(alike, match) else meanings[1][1]
            word = (plural_of(words[one]) or [words[one]])[0] if plural else words[one]
            out += text[at:starts[match.start()]]
            word = in_case_of(match[0], word)
            out, at = article_before(out, word) + word, starts[match.end()]
        return out + text[at:]

    def _targets(self, text, mentions):
        """dict of group -> the group in its place, for the groups of which each mention has a counterpart there."""
        places = {}
        for _, meanings in mentions:
            places.setdefault(meanings[0][0], set()).update(place for _, place, _ in meanings)
        rng, targets = Random(f"{self.seed} {text}"), {}
        for group, needed in places.items():
            able = [other for other in self.put_in if other != group and self.to.get(group, other) == other
                    and all(self.put_in[other][place] is not None for place in needed)]
            free = [other for other in able if other not in targets.values()]
            if able:
                targets[group] = rng.choice(free or able)
        return targets


def _key(word):
    return GAP.sub(" ", folded(word).replace("_", " "))


def _alike(text):
    """The text as `spelled` has it, and where each of its letters (and its end) begins in the text itself."""
    if text.isascii():
        return text, range(len(text) + 1)
    letters, starts = [], []
    for cluster in _CLUSTER.finditer(text):
        made = spelled(cluster[0])
        letters.append(made)
        starts += [cluster.start()] * len(made)
    return "".join(letters), [*starts, len(text)]


def _checked(terms):
    """dict of group -> list of places, each a list of words or None."""
    if isinstance(terms, str):
        if terms not in COUNTERPARTS:
            raise FairkitError(f"there is no list of counterparts {quote(terms)}", nearest(terms, COUNTERPARTS),
                               quote(terms))
        terms = COUNTERPARTS[terms]
    if not isinstance(terms, Mapping) or sum(group is not None for group in terms) < 2:
        raise FairkitError("terms are not given by group", "a dict of two groups or more -> words, or one of "
                           f"{', '.join(map(quote, COUNTERPARTS))}", quote(terms))
    checked = {group: _checked_places(group, places) for group, places in terms.items()}
    lengths = {group: len(places) for group, places in checked.items() if group is not None}
    if len(set(lengths.values())) > 1:
        raise FairkitError("the groups' words are no counterparts", "as many words for each group, each in the place "
                           "of its counterparts (None where there is none)",
                           ", ".join(f"{quote(group)}: {n}" for group, n in lengths.items()))
    return checked


def _checked_places(group, places):
    places = [places] if isinstance(places, str) else places
    if not isinstance(places, Sequence) or not places:
        raise FairkitError(f"the words of group {quote(group)} are no list", "a list of words", quote(places))
    checked = []
    for words in places:
        words = [words] if isinstance(words, str) else words
        if words is not None and not (isinstance(words, Sequence) and words
                                      and all(isinstance(word, str) and _key(word).strip() for word in words)):
            raise FairkitError(f"a place in the words of group {quote(group)} holds no words",
                               "a word, a list of words, or None", quote(words))
        checked.append(words and list(words))
    return checked


def _checked_targets(to, groups):
    """dict of group -> the group in its place (None to leave it alone); {} where they are drawn."""
    if to is None:
        return {}
    targets = to if isinstance(to, Mapping) else {group: None if group == to else to for group in groups}
    for group in [*targets, *targets.values()] if isinstance(to, Mapping) else [to]:
        if group not in groups:
            raise FairkitError(f"no group {quote(group)} to swap", nearest(group, groups), quote(group))
    return {group: targets.get(group) for group in groups}
