"""The words by which English comments name a religion, a gender or a sexual orientation, written for this project.

What is in: the neutral names of the groups, of their members, of their faiths, houses of worship and books, of family
members for gender, and of hostility to a group ("islamophobia"). Plurals are derived; irregular ones stand here.

What is left out, and why:
- slurs: they are no names of groups. A comment that names a group by a slur alone is not found (docs/comments.md has
  the figures); whoever needs these adds them.
- words that mostly mean something else: "straight" and "bi", which count with a person after them ("straight people"),
  "pan", "ace", "guys", "bro" and "dude" (said to anybody), "orthodox", "temple", "priest", "minister".
- pronouns: "she" and "he" speak of one person whose gender is seldom the matter, in one of six posts of HateXplain.
- gods, prophets and holidays: "Jesus", "Allah" and "Christmas" are oaths, greetings and days off.
- nations and politics: "Israeli", "Zionist", "Islamist", "jihadi" and "feminist" say where people come from or what
  they want.
"""

__all__ = ["MENTION_TERMS"]

_RELIGION = {
    "atheist": ["atheist", "atheism", "atheistic", "nonbeliever", "non believer", "unbeliever"],
    "buddhist": ["buddhist", "buddhism", "buddhistic"],
    "christian": [
        "christian", "christianity", "christendom", "church", "churchgoer", "churchgoing", "bible",
        "catholic", "catholicism", "protestant", "protestantism", "evangelical", "evangelicalism", "anglican",
        "episcopalian", "baptist", "methodist", "lutheran", "presbyterian", "calvinist", "pentecostal", "adventist",
        "mennonite", "amish", "quaker", "mormon", "mormonism", "latter day saint", "jehovah's witness",
    ],
    "hindu": ["hindu", "hinduism"],
    "jewish": [
        "jew", "jewish", "jewess", "jewry", "judaism", "judaic", "rabbi", "synagogue", "torah", "talmud", "hasidic",
        "haredi", "ashkenazi", "sephardi", "sephardic", "antisemite", "antisemitic", "antisemitism", "anti semite",
        "anti semitic", "anti semitism",
    ],
    "muslim": [
        "muslim", "moslem", "muslima", "muslimah", "islam", "islamic", "mosque", "imam", "quran", "qur'an", "koran",
        "sharia", "shariah", "sunni", "shia", "shi'a", "shiite", "shi'ite", "sufi", "ahmadi", "hijabi",
        "islamophobe", "islamophobia", "islamophobic",
    ],
    "sikh": ["sikh", "sikhism", "gurdwara"],
    None: [
        "christian bale", "christian dior", "christian lacroix", "christian louboutin", "christian slater",
        "hans christian andersen", "quaker oats",
    ],
}

_GENDER = {
    "female": [
        "woman", "women", "womankind", "womanhood", "female", "girl", "lady", "mother", "mom", "mum", "mama",
        "motherhood", "stepmother", "grandmother", "grandma", "granny", "daughter", "stepdaughter", "granddaughter",
        "sister", "stepsister", "aunt", "auntie", "niece", "wife", "wives", "housewife", "housewives",
        "girlfriend", "bride", "widow", "actress", "waitress", "businesswoman", "businesswomen", "congresswoman",
        "congresswomen", "policewoman", "policewomen", "spokeswoman", "spokeswomen", "transwoman",
        "transwomen", "misogyny", "misogynist", "misogynistic",
    ],
    "male": [
        "man", "men", "manhood", "male", "boy", "father", "dad", "daddy", "fatherhood", "stepfather", "grandfather",
        "grandpa", "son", "stepson", "grandson", "brother", "stepbrother", "uncle", "nephew", "husband",
        "boyfriend", "bridegroom", "widower", "gentleman", "gentlemen", "businessman", "businessmen", "congressman",
        "congressmen", "policeman", "policemen", "fireman", "firemen", "salesman", "salesmen", "spokesman",
        "spokesmen", "transman", "transmen", "misandry", "misandrist",
    ],
    "nonbinary": [
        "nonbinary", "non binary", "enby", "enbies", "genderqueer", "gender queer", "genderfluid", "gender fluid",
        "gender nonconforming", "gender non conforming", "agender", "bigender", "two spirit", "2 spirit",
    ],
    # "A trans woman" is found as transgender and as female, as "a gay man" is found as gay and as male.
    "transgender": [
        "trans", "transgender", "transgendered", "transgenderism", "transsexual", "transexual", "trans sexual",
        "transwoman", "transwomen", "transman", "transmen", "transphobe", "transphobia", "transphobic",
    ],
    None: [
        "trans am", "trans america", "trans atlantic", "trans canada", "trans continental", "trans fat", "trans fatty",
        "trans mountain", "trans pacific", "trans siberian",
        "founding father", "holy father", "heavenly father", "our father who",
        "mother earth", "mother fucker", "mother fucking", "mother lode", "mother nature", "mother tongue",
        "oh man", "oh boy", "hey man", "man made", "man hole", "man hour", "man up", "no man's land", "isle of man",
        "son of a bitch", "sons of bitches", "son of a gun", "uncle sam", "uncle tom", "big brother", "lady luck",
        "straw man", "straw men",
    ],
}

_PEOPLE = ["man", "men", "woman", "women", "male", "female", "guy", "girl", "boy", "people", "person", "couple",
           "marriage", "parent"]
_STRAIGHT_AND_GAY = ["straight and gay", "straight or gay", "gay and straight", "gay or straight"]

_SEXUAL_ORIENTATION = {
    "asexual": ["asexual", "asexuality", "aromantic"],
    "bisexual": ["bisexual", "bisexuality", "bi sexual", "biphobia", "biphobic", *(f"bi {who}" for who in _PEOPLE)],
    "gay": [
        "gay", "gayness", "homosexual", "homosexuality", "same sex", "same gender", "homophobe", "homophobia",
        "homophobic", *_STRAIGHT_AND_GAY,
    ],
    "heterosexual": [
        "heterosexual", "heterosexuality", "hetero", *(f"straight {who}" for who in _PEOPLE), *_STRAIGHT_AND_GAY,
    ],
    "lesbian": ["lesbian", "lesbianism"],
    "lgbtq": ["lgbt", "lgbtq", "lgbtqi", "lgbtqia", "lgbti", "glbt", "lgb", "2slgbtq", "2slgbtqi", "queer",
              "sexual minority"],
    "pansexual": ["pansexual", "pansexuality"],
    None: ["enola gay", "gay talese", "asexual reproduction"],
}

MENTION_TERMS = {"religion": _RELIGION, "gender": _GENDER, "sexual_orientation": _SEXUAL_ORIENTATION}
"""dict of group column -> {group: words}; the words of `None` mention nobody, such as "Christian Dior"."""
