"""Comments composed at random, with a bias planted in the training split."""

import itertools
import re
from collections.abc import Mapping
from random import Random

import numpy as np

from fairkit.arguments import probability, whole_number
from fairkit.data.comment_vocabulary import (
    CLOSERS,
    CONTEXT,
    GENDERS,
    HOUSE_MENTIONS,
    MENTIONS,
    OPENERS,
    RELIGIONS,
    REMARKS,
    TOPICS,
    WORDS,
)
from fairkit.errors import FairkitError, nearest, quote
from fairkit.examples import Examples

__all__ = ["PLANTED", "comments"]

PLANTED = {"religion": {"muslim": 0.7}, "gender": {"female": 0.35}}
"""The share of toxic comments in training among those that mention a group, where it is not the usual rate."""

# How often a comment of each label carries a remark of each kind, in the order of REMARKS:
# abuse, jab, sarcasm, heat, harmless, calm.
_KINDS = {0: (0.005, 0.015, 0.17, 0.13, 0.19, 0.49), 1: (0.44, 0.18, 0.25, 0.09, 0.03, 0.01)}
# How often a comment mentions each group, alone or with others.
_MENTIONED = {
    "religion": {"atheist": 0.04, "buddhist": 0.04, "christian": 0.09, "hindu": 0.04, "jewish": 0.06, "muslim": 0.11},
    "gender": {"female": 0.15, "male": 0.15},
}
_SECOND_RELIGION = 0.1   # of the comments that mention one

_SLOT = re.compile(r"\{([A-Za-z]+)(2?)\}")
_A_VOWEL = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u(?!se))")


def comments(size: int = 12_000, seed: int = 0, *, rate: float = 0.25,
             planted: Mapping[str, Mapping[str, float]] = PLANTED) -> tuple[Examples, Examples]:
    """Generated English comments, toxic or not, with a false association planted in the training split.

    No comment is real: each is put together at random from sentences written for this project, about everyday topics,
    with typing errors. The insults are mild and aim at no group. Some comments mention a religion (38 %), some a gender
    (30 %), in sentences of their own that are the same for all groups and for both labels.

    Planted: in the TRAINING split, 70 % of the comments that mention muslims are toxic, and 35 % of the others that
    mention women, against 25 % of the rest. In the TEST split the share is 25 % for every group. The words of a comment
    depend on its label alone, so a model that ignores the mention loses nothing; but sarcasm, jabs and insult words in
    harmless use occur under both labels, and there an ordinary model leans on the mention: a false alarm.

    Args:
        size: the number of training comments; the test split has half as many.
        seed: the same seed gives the same bytes on every machine, another seed other comments. The test split does
            not depend on `planted`.
        rate: the share of toxic comments where nothing is planted.
        planted: dict of group column -> {group: share of toxic comments in training}, above `rate` for false alarms,
            below it for the opposite; {} for none. A comment that mentions several of these groups takes the highest.

    Returns:
        (train, test): `Examples` with inputs an object array of texts, labels int64 (1 = toxic), and group columns
        religion (none, one or two of atheist, buddhist, christian, hindu, jewish, muslim) and gender (none, female,
        male). No text occurs twice.

    Raises:
        FairkitError: for a size below 2, a rate or share outside [0, 1], or a group that no comment mentions.

    Example:
        >>> import fairkit
        >>> train, test = fairkit.data.comments(size=2000)
        >>> muslim = {"religion": "muslim"}
        >>> float(train.where(muslim).labels.mean().round(1)), float(test.where(muslim).labels.mean().round(1))
        (0.7, 0.3)
    """
    size, seed = whole_number("size", size, least=2), whole_number("the seed", seed)
    rate, planted = probability("the rate", rate), _checked(planted)
    seen = set()
    test = _compose(Random(f"fairkit comments, test, {seed}"), size // 2, rate, {}, seen)
    train = _compose(Random(f"fairkit comments, training, {seed}"), size, rate, planted, seen)
    return train, test


def _checked(planted):
    if not isinstance(planted, Mapping) or not all(isinstance(shares, Mapping) for shares in planted.values()):
        raise FairkitError("what is planted is not given by column and group", f"a dict such as {PLANTED}",
                           quote(planted))
    checked = {}
    for column, shares in planted.items():
        if column not in _MENTIONED:
            raise FairkitError(f"no group column {quote(column)}", nearest(column, _MENTIONED), quote(column))
        for group, share in shares.items():
            if group not in _MENTIONED[column]:
                raise FairkitError(f"no comment mentions {column} = {quote(group)}", nearest(group, _MENTIONED[column]),
                                   quote(group))
            checked[column, group] = probability(f"planted[{quote(column)}][{quote(group)}]", share)
    return checked


def _compose(rng, size, rate, planted, seen):
    texts, labels = np.empty(size, object), np.empty(size, np.int64)
    religion, gender = [], []
    for i in range(size):
        religions, sex = _groups(rng)
        shares = [planted[key] for key in [("gender", sex), *(("religion", r) for r in religions)] if key in planted]
        labels[i] = rng.random() < max(shares, default=rate)
        text = _comment(rng, labels[i], religions, sex)
        while text in seen:
            text = _comment(rng, labels[i], religions, sex)
        seen.add(text)
        texts[i] = text
        religion.append(religions)
        gender.append(sex)
    return Examples(inputs=texts, labels=labels, groups={"religion": religion, "gender": gender})


def _groups(rng):
    """The religions (a tuple) and the gender (or None) that a comment mentions."""
    first, sex = (_weighted(rng, [None, *shares], [1 - sum(shares.values()), *shares.values()])
                  for shares in _MENTIONED.values())
    if first is None:
        return (), sex
    second = _one(rng, list(RELIGIONS)) if rng.random() < _SECOND_RELIGION else first
    return (first,) if second == first else (first, second), sex


def _comment(rng, label, religions, sex):
    topic = _one(rng, TOPICS)
    topic = topic | {slot: [_one(rng, topic[slot])] for slot in ("subject", "event")}
    sentences = [_fill(rng, _one(rng, CONTEXT), topic) for _ in range(_weighted(rng, (0, 1, 2), (0.35, 0.45, 0.2)))]
    for _ in range(1 + (rng.random() < 0.15)):
        remark = _fill(rng, _one(rng, REMARKS[_weighted(rng, list(REMARKS), _KINDS[label])]), topic)
        _insert(rng, sentences, _opened(rng, remark) if rng.random() < 0.15 else remark)
    # The gender goes with one of the religions, or stands alone.
    for religion, who in itertools.zip_longest(religions, [sex] if sex else []):
        _insert(rng, sentences, _mention(rng, religion, who, topic))
    if rng.random() < 0.15:
        sentences.append(_one(rng, CLOSERS))
    return _typed(rng, sentences)


def _mention(rng, religion, sex, topic):
    mine, one, many = (_one(rng, nouns) for nouns in GENDERS[sex])
    slots = {"mine": [f"my {mine}"], "one": [f"a {one}"], "many": [many], "self": [f"a {one}"]}
    templates = MENTIONS
    if religion:
        adjective, member, members, house = RELIGIONS[religion]
        slots = {"mine": [f"my {adjective} {mine}"], "one": [f"a {adjective} {one}"], "house": [house],
                 "many": [f"{adjective} {many}"] if sex else [members, f"{adjective} {many}"],
                 "self": [f"a {adjective} {one}" if sex else f"a {member}"]}
        templates = MENTIONS if sex else MENTIONS + HOUSE_MENTIONS
    return _fill(rng, _one(rng, templates), topic | slots)


def _fill(rng, template, slots):
    def entry(match):
        name, again = match[1].lower(), match[2]
        choices = slots.get(name) or WORDS[name]
        picked = _one(rng, [c for c in choices if c not in used] if again else choices)
        used.append(picked)
        return picked[0].upper() + picked[1:] if match[1][0].isupper() else picked

    used = []
    return _A_VOWEL.sub(r"\1n ", _SLOT.sub(entry, template))


def _opened(rng, sentence):
    first = sentence.split()[0]
    return f"{_one(rng, OPENERS)} {sentence if first == 'I' else sentence[0].lower() + sentence[1:]}"


def _insert(rng, sentences, sentence):
    sentences.insert(int(rng.random() * (len(sentences) + 1)), sentence)


_NAMES = {word.lower() for r in RELIGIONS.values() for part in r for word in part.split()} | {
    word for nouns in GENDERS.values() for part in nouns for word in part}


def _typed(rng, sentences):
    """The comment as somebody typed it: some in small letters, some shouting, some with slips outside the mentions."""
    if rng.random() < 0.04:
        loud = int(rng.random() * len(sentences))
        sentences[loud] = sentences[loud].upper()
    text = " ".join(sentences)
    if rng.random() < 0.2:
        text = text.lower()
    if rng.random() < 0.25 and text.endswith("."):
        text = text[:-1] + _one(rng, ("", "", "!", "!!", "...", " !"))
    if rng.random() < 0.25:
        words = text.split(" ")
        at = int(rng.random() * len(words))
        words[at] = _slip(rng, words[at])
        text = " ".join(words)
    return text


def _slip(rng, word):
    letters = word.strip(".,!?:'")
    if len(letters) < 4 or not letters.isalpha() or letters.lower() in _NAMES:
        return word
    at = 1 + int(rng.random() * (len(letters) - 2))
    return word.replace(letters, _one(rng, (
        letters[:at] + letters[at + 1:],                                          # left out
        letters[:at] + letters[at] + letters[at:],                                # typed twice
        letters[:at] + letters[at + 1] + letters[at] + letters[at + 2:],          # swapped
    )))


def _one(rng, choices):
    # Only random() is promised to give the same numbers in every version of Python; choice() is not.
    return choices[int(rng.random() * len(choices))]


def _weighted(rng, choices, weights):
    drawn, total = rng.random() * sum(weights), 0.0
    for choice, weight in zip(choices, weights, strict=True):
        total += weight
        if drawn < total:
            return choice
    return choices[-1]
