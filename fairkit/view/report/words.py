"""Words: what a rate means for these data, said of a slice. Each rate is put in words here and nowhere else."""

from dataclasses import dataclass, replace
from unicodedata import bidirectional

from fairkit.view.description import shortened
from fairkit.view.wording import spoken

__all__ = ["Words", "quoted", "slice_label", "words_of"]

_LONGEST = 60
_ORDINARY = frozenset(" -_.,:/+%<>=[]()&'")  # beside letters and digits

# Of whom the rate is a share, and what becomes of these; the four words are those of `Words`.
_RATES = {
    "false_positive_rate": ("negative", "flagged"),
    "false_negative_rate": ("positive", "passed"),
    "true_positive_rate": ("positive", "flagged"),
    "recall": ("positive", "flagged"),
    "true_negative_rate": ("negative", "passed"),
    "specificity": ("negative", "passed"),
    "positive_rate": (None, "flagged"),
    "negative_rate": (None, "passed"),
    "precision": ("flagged", "positive"),
    "false_discovery_rate": ("flagged", "negative"),
    "false_omission_rate": ("passed", "positive"),
    "accuracy": (None, "right"),
}
# Whom a text mentions, where the value of a group column is no noun that could be mentioned.
_MENTIONED = {"muslim": "muslims", "christian": "christians", "jewish": "jews", "hindu": "hindus", "male": "men",
              "buddhist": "buddhists", "atheist": "atheists", "female": "women", "black": "black people",
              "white": "white people", "asian": "asian people", "latino": "latinos",
              "transgender": "transgender people",
              "homosexual_gay_or_lesbian": "gay or lesbian people", "bisexual": "bisexual people",
              "heterosexual": "heterosexual people"}


@dataclass(frozen=True)
class Words:
    """How one set of data is spoken of.

    Attributes:
        noun: what an example is, in the plural: "digits".
        positive, negative: what examples truly are: "are toxic", "are not 8s".
        flagged, passed: what a model says of them: "are read as an 8", "are not read as an 8".
        right: what is said of a right prediction.
        adjectives: features whose values stand before the noun: color, as in "orange digits".
        mentioned: features whose values an example mentions.
        class_feature: the feature whose value is the true class, or None; values stand for the noun: "3s".
        class_name: the class that is judged against the rest, as a value of that feature.
    """

    noun: str = "examples"
    positive: str = "are positive"
    negative: str = "are negative"
    flagged: str = "are predicted positive"
    passed: str = "are predicted negative"
    right: str = "are classified rightly"
    adjectives: frozenset = frozenset()
    mentioned: frozenset = frozenset()
    class_feature: str | None = None
    class_name: str | None = None

    def share(self, metric, key):
        """(subject, predicate) of a rate in a slice: ("orange digits that are not 8s", "are read as an 8").

        None for a metric that is no share of some examples.
        """
        if metric not in _RATES:
            return None
        whose, what = _RATES[metric]
        said = getattr(self, what)
        if whose in ("flagged", "passed"):
            said = said.replace("are ", "are in truth ", 1)
        return self.subject(key, whose), said

    def subject(self, key, whose=None):
        """The examples of a slice, those of them that are meant: "orange digits that are not 8s"."""
        named = dict(key)
        noun, clauses, truly = self.noun, [], []
        if whose is not None:
            said = getattr(self, whose)
            adjective = said.removeprefix("are ")
            (truly if whose in ("positive", "negative") and adjective.isalpha() else clauses).append(said)
        truly = [said.removeprefix("are ") for said in truly]
        true_class = named.pop(self.class_feature, None) if self.class_feature else None
        if true_class is not None:
            noun = f"{quoted(true_class)}s"
            if whose in ("positive", "negative") and self.class_name is not None:
                clauses = []  # what they truly are is said already
        before = [quoted(named.pop(name)) for name in list(named) if name in self.adjectives]
        mentions = [_mentioned(named.pop(name)) for name in list(named) if name in self.mentioned]
        clauses += [f"mention {' and '.join(mentions)}"] if mentions else []
        others = [f"{quoted(name)} {quoted(value)}" for name, value in named.items()]
        return " ".join([*before, *truly, noun, *([f"with {' and '.join(others)}"] if others else []),
                         *([f"that {' and '.join(clauses)}"] if clauses else [])])

    def other(self, key, reference):
        """The reference of a slice, in short: "blue ones", "those that mention christian", "overall"."""
        if not reference:
            return "overall"
        apart = [pair for pair in reference if pair not in key]
        name, value = apart[0]
        if len(apart) == 1 and name in self.adjectives:
            return f"{quoted(value)} ones"
        if len(apart) == 1 and name == self.class_feature:
            return f"{quoted(value)}s"
        if len(apart) == 1 and name in self.mentioned:
            return f"those that mention {_mentioned(value)}"
        return "those with " + " and ".join(f"{quoted(name)} {quoted(value)}" for name, value in apart)

    def question(self, metric):
        """What is asked of a metric: "How often are digits that are not 8s read as an 8"."""
        found = self.share(metric, ())
        if found is None:
            return f"What is the {spoken(metric)} of {self.noun}"
        return f"How often are {found[0]} {found[1].removeprefix('are ')}"


def _mentioned(value):
    return _MENTIONED.get(value) or quoted(value)


def quoted(text):
    """A text from data inside a sentence: cut, on one line, in quotation marks where it is no plain name.

    Text that is written from right to left is isolated, so that the sentence around it keeps its order.

    Example:
        >>> quoted("orange"), quoted('a "b"')
        ('orange', '“a "b"”')
    """
    text = shortened(" ".join(str(text).split()), _LONGEST)
    if not text or not all(c.isalnum() or c in _ORDINARY for c in text) or ("<" in text and ">" in text):
        text = f"“{text}”"
    if any(bidirectional(c) in ("R", "AL") for c in text):
        text = f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text


def slice_label(key):
    """A slice in a table: "Overall", "color orange", "color orange, digit 3"."""
    return ", ".join(f"{quoted(name)} {quoted(value)}" for name, value in key) if key else "Overall"


def words_of(description, class_id=None, noun=None, positive=None, negative=None, class_names=None):
    """The `Words` of a run's data, with what the user says of them instead.

    Args:
        description: of the data, as run.json has it; {} where nothing is known.
        class_id: the class judged against the rest.
        noun, positive, negative: "comments", "toxic", "harmless".
        class_names: of a model with several outputs.
    """
    found, data = _of_data(description), description.get("data")
    names = class_names or description.get("class_names") or ()
    found = replace(found, noun=shortened(noun, 40) if noun else found.noun)
    if class_id is not None:
        if data == "digits":
            return replace(found, class_name=str(class_id), **_as_class(f"{class_id}s", _with_article(class_id)))
        name = f"class {quoted(names[class_id]) if class_id < len(names) else class_id}"
        return replace(found, positive=f"are of {name}", negative=f"are not of {name}",
                       flagged=f"are taken for {name}", passed=f"are not taken for {name}")
    if positive or negative:
        yes = quoted(positive) if positive else f"not {quoted(negative)}"
        no = quoted(negative) if negative else f"not {quoted(positive)}"
        return _labelled(found, yes, no)
    return found


def _as_class(several, one):
    return {"positive": f"are {several}", "negative": f"are not {several}", "flagged": f"are read as {one}",
            "passed": f"are not read as {one}", "right": "are read rightly"}


def _with_article(number):
    text = str(number)
    return f"{'an' if text[0] == '8' or text in ('11', '18') else 'a'} {text}"


def _of_data(description):
    data = description.get("data")
    if data == "digits":
        return Words("digits", adjectives=frozenset({"color"}), class_feature="digit", right="are read rightly")
    if data in ("comments", "civil_comments"):
        features = frozenset({"religion", "gender", "sexual_orientation", "race", "disability"})
        no = "harmless" if data == "comments" else "not toxic"
        return _labelled(Words("comments", mentioned=features), "toxic", no)
    found = Words("images" if "images" in description else "texts" if description.get("mentions") else "examples",
                  mentioned=frozenset(description.get("mentions") or ()))
    if description.get("class_names"):
        return found
    for name, yes in (("positive", True), ("negative", False)):
        values = description.get(name)
        values = [values] if isinstance(values, str) else values
        if values and not str(values[0]).startswith((">", "<")):
            said = "labelled " + " or ".join(map(quoted, values))
            other = f"not {said}"
            found = replace(found, positive=f"are {said if yes else other}", negative=f"are {other if yes else said}")
            flagged = " or ".join(map(quoted, values))
            return replace(found, flagged=f"are flagged as {flagged if yes else 'not ' + flagged}",
                           passed=f"are not flagged as {flagged}" if yes else f"are taken for {flagged}")
    return found


def _labelled(words, yes, no):
    return replace(words, positive=f"are {yes}", negative=f"are {no}", flagged=f"are flagged as {yes}",
                   passed=f"are not flagged as {yes}")
