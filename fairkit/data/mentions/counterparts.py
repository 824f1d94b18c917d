"""What the words of one group are for another: "mosque" and "church", "mother" and "father"; written for this project.

Words in one place of the lists are counterparts. Where several stand in a place, each is swapped and the first one is
put in; None says that a group has no such word. Plurals are derived; irregular ones have a place of their own.

What is left out of `MENTION_TERMS`: words with no counterpart ("sharia", "churchgoer", "lgbt"), "straight" and "bi"
with a person after them, the genders beside female and male, whose names are no counterparts of "woman" or "father".
Pronouns are not swapped: "her" is "his" as well as "him", and "she" may be somebody whom the text names otherwise.
"""

from fairkit.data.mentions.terms import MENTION_TERMS

__all__ = ["COUNTERPARTS"]

_CHRISTIAN = ["christian", "catholic", "protestant", "evangelical", "anglican", "episcopalian", "baptist", "methodist",
              "lutheran", "presbyterian", "calvinist", "pentecostal", "adventist", "mennonite", "amish", "quaker",
              "mormon", "jehovah's witness"]
_MUSLIM = ["muslim", "moslem", "sunni", "shia", "shi'a", "shiite", "shi'ite", "sufi", "ahmadi"]

# A believer; the same before a noun; the faith; its house, book and clergy; hostility: adjective, noun, person.
_RELIGION = {
    "atheist": [["atheist", "nonbeliever", "non believer", "unbeliever"], ["atheist", "atheistic"], "atheism",
                None, None, None, None, None, None],
    "buddhist": ["buddhist", ["buddhist", "buddhistic"], "buddhism", "buddhist temple", "pali canon", "buddhist monk",
                 "anti-buddhist", None, None],
    "christian": [_CHRISTIAN, _CHRISTIAN,
                  ["christianity", "christendom", "catholicism", "protestantism", "evangelicalism", "mormonism"],
                  "church", "bible", "pastor", "anti-christian", "christianophobia", None],
    "hindu": ["hindu", "hindu", "hinduism", "hindu temple", "bhagavad gita", "hindu priest", "anti-hindu",
              "hinduphobia", None],
    "jewish": ["jew", ["jewish", "judaic", "hasidic", "haredi", "ashkenazi", "sephardi", "sephardic"], "judaism",
               "synagogue", ["torah", "talmud"], "rabbi", ["antisemitic", "anti semitic"],
               ["antisemitism", "anti semitism"], ["antisemite", "anti semite"]],
    "muslim": [_MUSLIM, [*_MUSLIM, "islamic"], "islam", "mosque", ["quran", "qur'an", "koran"], "imam", "islamophobic",
               "islamophobia", "islamophobe"],
    "sikh": ["sikh", "sikh", "sikhism", "gurdwara", "guru granth sahib", "sikh priest", "anti-sikh", None, None],
}

_PAIRS = [
    ("woman", "man"), ("women", "men"), ("womanhood", "manhood"), ("female", "male"), ("girl", "boy"),
    ("lady", "gentleman"), ("ladies", "gentlemen"), ("mother", "father"), (["mom", "mum", "mama"], ["dad", "daddy"]),
    ("motherhood", "fatherhood"), ("stepmother", "stepfather"), ("grandmother", "grandfather"),
    (["grandma", "granny"], "grandpa"), ("daughter", "son"), ("stepdaughter", "stepson"),
    ("granddaughter", "grandson"), ("sister", "brother"), ("stepsister", "stepbrother"), (["aunt", "auntie"], "uncle"),
    ("niece", "nephew"), ("wife", "husband"), ("wives", "husbands"), ("girlfriend", "boyfriend"),
    ("bride", "bridegroom"), ("widow", "widower"), ("businesswoman", "businessman"), ("businesswomen", "businessmen"),
    ("congresswoman", "congressman"), ("congresswomen", "congressmen"), ("policewoman", "policeman"),
    ("policewomen", "policemen"), ("spokeswoman", "spokesman"), ("spokeswomen", "spokesmen"),
    ("transwoman", "transman"), ("transwomen", "transmen"), ("misogyny", "misandry"), ("misogynist", "misandrist"),
]

# Who somebody is; that in the abstract; hostility: adjective, noun, person.
_SEXUAL_ORIENTATION = {
    "asexual": ["asexual", "asexuality", None, None, None],
    "bisexual": [["bisexual", "bi sexual"], "bisexuality", "biphobic", "biphobia", "biphobe"],
    "gay": [["gay", "homosexual"], ["homosexuality", "gayness"], "homophobic", "homophobia", "homophobe"],
    "heterosexual": [["heterosexual", "hetero"], "heterosexuality", "heterophobic", "heterophobia", "heterophobe"],
    "lesbian": ["lesbian", "lesbianism", "lesbophobic", "lesbophobia", "lesbophobe"],
    "pansexual": ["pansexual", "pansexuality", None, None, None],
}

COUNTERPARTS = {
    "religion": {**_RELIGION, None: MENTION_TERMS["religion"][None]},
    "gender": {"female": [pair[0] for pair in _PAIRS], "male": [pair[1] for pair in _PAIRS],
               None: MENTION_TERMS["gender"][None]},
    "sexual_orientation": {**_SEXUAL_ORIENTATION, None: MENTION_TERMS["sexual_orientation"][None]},
}
"""dict of name -> {group: words in the order of their counterparts}; what stands under `None` is never swapped."""
