"""What little English grammar it takes to put one word in the place of another."""

import re

__all__ = ["article_before", "in_case_of", "stands_as_noun"]

_ARTICLE = re.compile(r"(?<![\w'])(an?)(\s+)$", re.IGNORECASE)
_DETERMINER = re.compile(r"(?<![\w'])(?:an?|the|this|that|every|each|one|another|any|some|no)\s+$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[\s_]*([^\W_]+)")
# After these a word that may be noun or adjective was a noun: "a Muslim who", "the Muslim and".
_NO_NOUN = frozenset(re.findall(r"\w+", """
    a about after and are as at because before but by can could did do does for from had has have he i if in into is it
    like living may might must nor of on or she should since so than that the then they to was we were when where which
    while who whom whose will with would you"""))


def in_case_of(model, word):
    """A word with the case of another: all capitals, a capital first, or as it is.

    Example:
        >>> from fairkit.data.mentions.grammar import in_case_of
        >>> in_case_of("Muslim", "jew"), in_case_of("MUSLIM", "jew"), in_case_of("muslim", "jew")
        ('Jew', 'JEW', 'jew')
    """
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def article_before(text, word):
    """The text before a word, with "a" or "an" at its end as the word wants it.

    Example:
        >>> from fairkit.data.mentions.grammar import article_before
        >>> article_before("An ", "muslim"), article_before("with a ", "imam"), article_before("A ", "unitarian")
        ('A ', 'with an ', 'A ')
    """
    article = _ARTICLE.search(text)
    if article is None:
        return text
    vowel = re.match(r"(?!uni|use|eu|one)[aeiou]", word, re.IGNORECASE)
    shout = word.isupper() and article[1].isupper()
    n = "" if not vowel else "N" if shout else "n"
    return text[:article.start()] + article[1][0] + n + article[2]


def stands_as_noun(text, match):
    """Whether a word that may be noun or adjective is a noun: after an article and before no other noun.

    Example:
        >>> import re
        >>> from fairkit.data.mentions.grammar import stands_as_noun
        >>> [stands_as_noun(text, re.search("muslim", text)) for text in ("a muslim is", "a muslim man", "is muslim.")]
        [True, False, False]
    """
    if not _DETERMINER.search(text[:match.start()]):
        return False
    following = _NEXT_WORD.match(text, match.end())
    return following is None or following[1].lower() in _NO_NOUN
