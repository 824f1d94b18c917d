"""The words and sentences of the generated comments, written for this project.

`{slot}` stands for a random entry of the comment's topic, of `WORDS` or of a mention; `{Slot}` for the same with a
capital; `{slot2}` for another draw. Nothing here but `RELIGIONS` and `GENDERS` names a religion or a gender, so that a
comment mentions a group where its group columns say so and nowhere else.
"""

__all__ = ["CLOSERS", "CONTEXT", "GENDERS", "HOUSE_MENTIONS", "MENTIONS", "OPENERS", "RELIGIONS", "REMARKS", "TOPICS",
           "WORDS"]

# A topic: what is talked about, who has to do with it, where, what went on, and where people meet over it.
TOPICS = [
    {"subject": ["the new bus lane", "the ring road", "the night train", "the bike path", "the timetable change"],
     "person": ["bus driver", "conductor", "cyclist", "road planner", "ticket inspector"],
     "place": ["at the station", "on the bridge", "at the bus stop", "on platform two"],
     "event": ["the strike", "the road works", "the last delay", "the signal failure"],
     "occasion": ["the passenger forum", "the opening of the tram line"]},
    {"subject": ["the school budget", "the homework rule", "the phone ban", "the new canteen", "the exam reform"],
     "person": ["teacher", "tutor", "caretaker", "examiner", "class rep"],
     "place": ["at the school gate", "in the staff room", "in the playground", "in the library"],
     "event": ["the exam week", "the move to the new building", "the server crash", "the snow day"],
     "occasion": ["the parents' evening", "the school fair", "the open day"]},
    {"subject": ["the offside rule", "the transfer", "the new stadium", "the away kit", "the line-up"],
     "person": ["referee", "goalkeeper", "coach", "commentator", "striker"],
     "place": ["in the stands", "at the stadium", "on the pitch", "in the fan zone"],
     "event": ["the late penalty", "the own goal", "the red card", "the relegation"],
     "occasion": ["the derby", "the cup final", "the friendly"]},
    {"subject": ["this lentil soup", "the sourdough recipe", "the Sunday roast", "this plum cake", "the spice mix"],
     "person": ["cook", "baker", "recipe writer", "food critic", "barista"],
     "place": ["in the kitchen", "at the market", "at the bakery", "in the cafe"],
     "event": ["the oven fire", "the price rise", "the bad review", "the flour shortage"],
     "occasion": ["the street food fair", "the cooking class", "the tasting"]},
    {"subject": ["the season finale", "this remake", "the soundtrack", "the director's cut", "the plot twist"],
     "person": ["director", "reviewer", "lead singer", "scriptwriter", "editor"],
     "place": ["at the cinema", "in the back row", "in the foyer", "in the queue for tickets"],
     "event": ["the leaked trailer", "the cancelled show", "the long interval", "the recasting"],
     "occasion": ["the film festival", "the premiere", "the late screening"]},
    {"subject": ["the latest update", "this phone", "the battery", "the privacy setting", "the new keyboard"],
     "person": ["developer", "support agent", "tester", "product manager", "moderator"],
     "place": ["in the app store", "on the help page", "in the forum", "at the repair desk"],
     "event": ["the outage", "the data leak", "the recall", "the price cut"],
     "occasion": ["the product launch", "the user meeting"]},
    {"subject": ["the property tax", "the housing plan", "the bin collection", "the park fence", "the city app"],
     "person": ["council member", "mayor", "town clerk", "press officer", "surveyor"],
     "place": ["at the town hall", "in the council chamber", "at the recycling centre", "in the park"],
     "event": ["the recount", "the budget cut", "the burst pipe", "the by-election"],
     "occasion": ["the public hearing", "the town meeting", "the street party"]},
    {"subject": ["the booking system", "the flu jab", "the opening hours", "the new clinic", "the diet advice"],
     "person": ["nurse", "receptionist", "pharmacist", "doctor", "health reporter"],
     "place": ["in the waiting room", "at the pharmacy", "at the clinic", "on the ward"],
     "event": ["the winter rush", "the inspection", "the mix-up with the forms", "the drug shortage"],
     "occasion": ["the blood drive", "the health fair", "the first aid course"]},
    {"subject": ["the tomato bed", "the hedge", "the allotment rent", "this compost", "the watering rota"],
     "person": ["gardener", "plot owner", "tree surgeon", "club secretary", "weather presenter"],
     "place": ["on the allotment", "by the greenhouse", "at the garden centre", "behind the shed"],
     "event": ["the heatwave", "the hailstorm", "the hosepipe ban", "the late frost"],
     "occasion": ["the plant swap", "the flower show", "the harvest supper"]},
    {"subject": ["the baggage fee", "this hotel", "the ferry", "the guided tour", "the refund policy"],
     "person": ["travel agent", "tour guide", "hotel clerk", "flight attendant", "travel blogger"],
     "place": ["at the airport", "by the pool", "at check-in", "on the ferry"],
     "event": ["the overbooking", "the cancelled flight", "the lost luggage", "the storm"],
     "occasion": ["the boat trip", "the city walk", "the travel fair"]},
]

WORDS = {
    "time": ["yesterday", "last week", "this morning", "on Monday", "the other day", "last night", "two days ago"],
    "number": ["two", "three", "four", "five", "ten", "a dozen"],
    "good": ["great", "lovely", "helpful", "solid", "thoughtful", "clever", "decent", "excellent"],
    "bad": ["bad", "poor", "weak", "silly", "lazy", "awful", "terrible", "stupid", "ridiculous", "useless", "pathetic"],
    "insult": ["idiot", "moron", "clown", "fool", "loser", "dimwit", "halfwit", "nitwit", "numbskull", "blockhead",
               "buffoon", "liar", "fraud", "coward", "crook", "hypocrite"],
    "insults": ["idiots", "morons", "clowns", "fools", "losers", "dimwits", "halfwits", "nitwits", "blockheads",
                "buffoons", "liars", "frauds", "cowards", "crooks", "hypocrites"],
    "nasty": ["stupid", "pathetic", "brainless", "clueless", "useless", "worthless", "spineless", "ignorant", "dumb",
              "miserable"],
}

OPENERS = ["Honestly,", "Look,", "Sorry, but", "Well,", "To be clear:", "Hm,", "Okay,", "In short:", "Anyway,",
           "Seriously,"]
CLOSERS = ["Just saying.", "That is all.", "End of story.", "lol", "There, I said it.", "Anyway.", "My two cents.",
           "Discuss.", "Have a nice day.", "Back to work now.", "haha", "Rant over.", "What do others think?", ":)"]

# What surrounds the remark that decides the label, and says nothing about it.
CONTEXT = [
    "I read the whole article about {subject}.", "They wrote about {subject} {time}.",
    "We talked about {subject} for {number} hours.", "There were {number} people {place} {time}.",
    "{Subject} came up {place} {time}.", "The {person} answered {number} questions {time}.",
    "I have followed {subject} for {number} years.", "{Occasion} is in {number} weeks.",
    "This is about {subject}, not about {event}.", "I was {place} when it happened.", "The photo was taken {place}.",
    "Quick note on {subject}.", "Since {event} everybody has a view on {subject}.", "The {person} was {place} {time}.",
    "I saw the {person} {place}.", "The report mentions {subject} {number} times.", "So, {subject}.",
    "Page {number} is all about {event}.", "It has been {number} days since {event}.",
    "Nobody {place} expected {event}.", "For the record, I live {number} streets away.",
    "Was anyone else at {occasion} {time}?", "What happens to {subject} after {event}?", "First comment here.",
    "The {person} and the {person2} were both {place}.", "They moved {occasion} to next month.",
    "I missed {event} because of {occasion}.", "{Number} of us stood {place} {time}.",
    "Before {event} it was all about {subject}.", "Someone mentioned {event} {place}.",
]

# Remarks by how hostile they are. Most toxic comments carry one of the first two kinds and most others one of the
# last two; the kinds between occur in both, so that the words alone do not settle the label.
REMARKS = {
    "abuse": [
        "You are a {nasty} {insult}.", "Shut up, you {insult}.", "What a {nasty} {insult} you are.",
        "Only a {nasty} {insult} would defend {subject}.", "The {person} is a {nasty} {insult}.",
        "You {insults} make me sick.", "Everyone who likes {subject} is a {insult}.", "Get lost, {insult}.",
        "All of you {place} are {nasty} {insults}.", "Whoever wrote this is a {insult} and a {insult2}.",
        "I hope you lose your job, you {insult}.", "You {nasty} {insult}, stay away from {subject}.",
        "A bunch of {nasty} {insults}, all of you.", "The {person} {place}, what a {insult}.",
        "Nobody likes you, {insult}.", "I have never met such a {nasty} {insult} as that {person}.",
        "You must be a {insult} to believe that about {subject}.", "Spare me, {insult}.",
        "Delete your account, you {nasty} {insult}.", "Typical {insult}, {nasty} from start to finish.",
    ],
    "jab": [
        "Nobody asked you.", "Do your homework before you post.", "You clearly have no clue about {subject}.",
        "Spare us your opinion on {subject}.", "Grow up.", "Do you ever think before you type?",
        "Try using your brain for once.", "Your kind of comment ruins every thread about {subject}.", "Get a life.",
        "You would not understand {subject} if it hit you.", "Keep your nonsense to yourself.",
        "You sound like a spoilt child.", "Go and bore somebody else with {event}.", "Stop whining about {subject}.",
        "You have nothing to say and you say it at length.", "People like you are the reason for {event}.",
        "I feel sorry for anyone who has to stand next to you {place}.", "You are embarrassing yourself.",
        "The {person} should be ashamed, and so should you.", "Go cry about {event} somewhere else.",
    ],
    "sarcasm": [
        "Well done, genius.", "Oh sure, because {event} went so well.", "Bravo, another brilliant idea.",
        "Great job, really, {subject} has never been worse.", "What would we do without your wisdom.",
        "Congratulations, you found out about {subject} all by yourself.", "Yes, of course, blame the {person}.",
        "Wow, what an expert we have here.", "Slow clap for the {person}.", "How very original.",
        "Somebody give this {person} a medal.", "Thanks for nothing.", "I am sure the {person} meant well, as always.",
        "Keep telling yourself that.", "Nice try.", "Says who, the {person}?", "Good luck with that attitude.",
        "Tell me more, professor.", "Must be nice to have so much free time.", "Who let the {person} near {subject}?",
    ],
    "heat": [
        "{Subject} is {bad}.", "What a {bad} mess {event} was.", "I am so angry about {subject}.",
        "This is a {bad} article about {subject}.", "{Event} was a disgrace.", "Honestly, {subject} is a joke.",
        "The {person} made a {bad} decision.", "That is complete rubbish.", "I hate {subject} with a passion.",
        "{Subject} can go to hell.", "It was a {bad} show from the {person}.", "The whole thing stinks.",
        "Somebody should be fired for {event}.", "Scrap {subject} now.", "I am sick of {subject}.",
        "Damn, {event} was {bad}.", "What a {bad} excuse from the {person}.", "This makes my blood boil.",
        "Who on earth thought of {subject}?", "{Subject} is a {bad} waste of money.",
    ],
    "harmless": [
        "I felt like a complete {insult} when I missed {occasion}.", "Call me a {insult}, but I like {subject}.",
        "In the film the villain calls everyone a {insult}.", "My cat is a {nasty} little {insult} and I adore it.",
        "Silly me, I am the {insult} who forgot about {occasion}.", "The book has a {insult} as its hero.",
        "Somebody shouted '{insult}' {place}, which was uncalled for.", "Please do not call each other {insults}.",
        "I was too dumb to find the entrance {place}.", "My own fault, I was a {insult} about {subject}.",
        "Calling the {person} a {insult} helps nobody.", "We did so badly at {occasion}, we looked like {insults}.",
        "I used to be a {nasty} {person} myself, I got better.", "That song about the {nasty} {insult} is so catchy.",
        "Do not feel {nasty}, {subject} confuses me too.", "My phone thinks I am a {insult}.",
        "{Occasion} was insane, I loved it.", "I nearly died laughing at {occasion}.", "Killer photo of the {person}.",
        "The crossword clue was '{insult}' and I had no idea.",
    ],
    "calm": [
        "Thanks for explaining {subject} so clearly.", "I learned something about {subject} today.",
        "The {person} {place} was very {good}.", "{Subject} seems {good} if you ask me.",
        "I do not agree, but I see your point about {subject}.", "Could you share a link about {subject}?",
        "I am looking forward to {occasion}.", "Has anyone changed their mind about {subject}?",
        "A {good} piece, thank you.", "We had a {good} time {place}.", "The {person} deserves praise for {occasion}.",
        "I would change {subject} a little, but it works.", "Congratulations to the {person}.",
        "Does anyone know when {occasion} begins?", "I might be wrong about {subject}.", "Not for me, but enjoy.",
        "In my opinion {subject} could be better.", "Let us wait for {occasion} before we judge.",
        "It took {number} tries, then it worked.", "A {good} answer from the {person}.",
    ],
}

# A religion: the adjective, one member, several, and where they meet.
RELIGIONS = {
    "atheist": ("atheist", "atheist", "atheists", "the atheist society"),
    "buddhist": ("Buddhist", "Buddhist", "Buddhists", "the Buddhist temple"),
    "christian": ("Christian", "Christian", "Christians", "the church"),
    "hindu": ("Hindu", "Hindu", "Hindus", "the Hindu temple"),
    "jewish": ("Jewish", "Jewish person", "Jewish people", "the synagogue"),
    "muslim": ("Muslim", "Muslim", "Muslims", "the mosque"),
}

# A gender: people one has, people one sees, and several of them. None is a person of no said gender.
GENDERS = {
    "female": (["sister", "mother", "aunt", "grandmother", "daughter"], ["woman", "girl", "lady"], ["women", "girls"]),
    "male": (["brother", "father", "uncle", "grandfather", "son"], ["man", "boy", "gentleman"], ["men", "boys"]),
    None: (["neighbour", "colleague", "friend", "dentist", "flatmate", "boss"],
           ["neighbour", "colleague", "volunteer", "student", "visitor"], ["families", "students", "neighbours"]),
}

# Sentences that mention a group, the same ones for every group and for both labels. For example {self} is "a Muslim",
# {mine} "my Muslim neighbour", {one} "a Muslim student", {many} "Muslim families", {house} "the mosque".
MENTIONS = [
    "{Mine} told me about {subject} {time}.", "As {self} I think about {subject} a lot.",
    "I am {self} and I was {place} {time}.", "{One} {place} asked about {event}.",
    "{Many} talk about {subject} as well.",
    "{Mine} and the {person} know each other.", "{Number} {many} live in my street.",
    "I went to {occasion} with {mine}.",
    "There were {many} {place} {time}.", "{Mine} works {place}.", "The article quotes {one} on {subject}.",
    "Many {many} came to {occasion}.", "The {person} spoke with {many} {place}.", "{One} took the photo {place}.",
    "Ask {mine} about {event}.", "The piece is about {many} and {subject}.", "The {person} is {self}.",
    "{Mine} has an opinion on {subject}.", "You wrote this as {self}?", "{Many} were {place} too.",
    "Is {subject} something for {many}?", "The {person} and {mine} met at {occasion}.",
]
HOUSE_MENTIONS = [
    "{Subject} came up at {house} {time}.", "There was a talk on {subject} at {house}.", "I live next to {house}.",
    "{House} held a meeting after {event}.", "They collected money for {occasion} at {house}.",
]
