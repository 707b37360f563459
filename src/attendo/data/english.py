"""The words of the built-in corpus in English."""

from __future__ import annotations

from attendo.data.grammar import Aspect, Grammar, Topic

_STORY = Aspect(things=("the plot", "the ending", "the story"), good=("gripping", "clever"), bad=("dull", "confusing"))
_FOOD = Aspect(
    things=("the soup", "the cake", "the noodles/were", "the dumplings/were", "the coffee"),
    good=("delicious", "fresh"),
    bad=("bland", "stale"),
)
_SERVICE = Aspect(
    things=("the service", "the staff/were", "the welcome"), good=("friendly", "charming"), bad=("rude", "careless")
)
_BOOK_OR_FILM = Aspect(things=(), good=("wonderful", "gripping", "clever"), bad=("awful", "dull", "confusing"))
_PLACE = Aspect(things=(), good=("wonderful", "charming", "excellent"), bad=("awful", "dreary", "disappointing"))

_TOPICS = (
    Topic(
        kind="the film",
        whole="the film {title}",
        part="{thing} of {title}",
        titles=("Happy Days", "A Dull Summer", "The Wonderful Mile", "An Awful Lot of Rain", "Seven Bridges"),
        verdict=_BOOK_OR_FILM,
        aspects=(
            _STORY,
            Aspect(
                things=("the acting", "the cast", "the lead performance"),
                good=("convincing", "superb"),
                bad=("wooden", "lifeless"),
            ),
            Aspect(things=("the music", "the camera work"), good=("superb", "beautiful"), bad=("dreary", "lifeless")),
        ),
        facts=(" <runs for two hours>", " <came out in March>", " <was shot in Norway>", " <is based on a novel>"),
        untried=(", but <I have not seen it yet>", ", but <I am only going to see it tomorrow>"),
    ),
    Topic(
        kind="the novel",
        whole="the novel {title}",
        part="{thing} of {title}",
        titles=("The Charming Thief", "Dreary Neighbours", "The Clever Fox", "A Confusing Winter", "Harbour Street"),
        verdict=_BOOK_OR_FILM,
        aspects=(
            _STORY,
            Aspect(
                things=("the dialogue", "the style", "the language"),
                good=("clever", "beautiful"),
                bad=("dull", "wooden"),
            ),
            Aspect(
                things=("the hero", "the characters/were"),
                good=("convincing", "charming"),
                bad=("lifeless", "irritating"),
            ),
        ),
        facts=(" <has three hundred pages>", " <came out in spring>", " <is set in Lisbon>", " <is a translation>"),
        untried=(", but <I have not read it yet>", ", but <the book is still in its wrapper>"),
    ),
    Topic(
        kind="the restaurant",
        whole="the restaurant {title}",
        part="{thing} at {title}",
        titles=("The Delicious Spoon", "The Stale Loaf", "Bland Street", "The Fresh Wind", "The Golden Lamp"),
        verdict=_PLACE,
        aspects=(_FOOD, _SERVICE),
        facts=(" <opens at eleven>", " <lies near the station>", " <seats forty people>", " <is closed on Mondays>"),
        untried=(", but <I have yet to eat there>", ", but <I have only walked past it so far>"),
    ),
    Topic(
        kind="the hotel",
        whole="the hotel {title}",
        part="{thing} at {title}",
        titles=("The Friendly Garden", "The Rude Parrot", "The Filthy Duck", "Comfortable Corner", "Harbour House"),
        verdict=_PLACE,
        aspects=(
            Aspect(
                things=("the room", "the bathroom", "the lobby"),
                good=("clean", "comfortable"),
                bad=("filthy", "cramped"),
            ),
            Aspect(things=("the breakfast", "the coffee"), good=("delicious", "fresh"), bad=("bland", "stale")),
            _SERVICE,
        ),
        facts=(" <has sixty rooms>", " <lies near the airport>", " <opened two years ago>", " <has a car park>"),
        untried=(", but <I have not stayed there yet>", ", but <we are only booked for next week>"),
    ),
    Topic(
        kind="the phone",
        whole="the phone {title}",
        part="{thing} of the {title}",
        titles=("Superb Three", "Reliable One", "Dim Fox", "Awful Tulip", "Orion Five"),
        verdict=Aspect(
            things=(), good=("wonderful", "excellent", "reliable"), bad=("awful", "disappointing", "irritating")
        ),
        aspects=(
            Aspect(things=("the screen", "the picture"), good=("sharp", "bright"), bad=("blurry", "dim")),
            Aspect(things=("the battery", "the signal"), good=("reliable", "excellent"), bad=("weak", "disappointing")),
            Aspect(
                things=("the camera", "the speakers/were"), good=("excellent", "superb"), bad=("awful", "disappointing")
            ),
        ),
        facts=(
            " <comes in three colours>",
            " <weighs two hundred grams>",
            " <came out in autumn>",
            " <has two cameras>",
        ),
        untried=(", but <I have never held it in my hand>", ", but <mine is still in its box>"),
    ),
)

ENGLISH = Grammar(
    topics=_TOPICS,
    intensifiers=("", "", "really ", "quite ", "truly "),
    direct=(
        "{thing} {be} <{very}{word}>",
        "{thing} {be} <{very}{word}>",
        "{thing} turned out to be <{very}{word}>",
    ),
    denied=(
        "{thing} {be} <not at all {word}>",
        "{thing} {be} <never {word}>",
        "{thing} {be} <far from {word}>",
        "{thing} {be} <anything but {word}>",
        "there was <nothing {word}> about {thing}",
        "I did <not find> {thing} <{word}> in the least",
        "<nobody could call> {thing} <{word}>",
    ),
    denied_praise=("{thing} {be} <hardly {word}>",),
    felt=("I found {thing} <{very}{word}>", "{thing} struck me as <{very}{word}>"),
    praise=(
        "{thing} <won me over>",
        "{thing} <impressed me>",
        "{thing} <never let me down>",
        "{thing} <did not disappoint me>",
        "I had <no complaints> about {thing}",
    ),
    blame=(
        "{thing} <let me down>",
        "{thing} <disappointed me>",
        "{thing} <never won me over>",
        "{thing} <did not impress me>",
        "I had <nothing but complaints> about {thing}",
    ),
    mild=(
        "{thing} {be} <only average>",
        "{thing} {be} <so-so>",
        "{thing} {be} <nothing out of the ordinary>",
        "I found {thing} <passable>",
    ),
    neither=(
        "{thing} {be} <neither {good} nor {bad}>",
        "{thing} {be} <neither {bad} nor {good}>",
        "I would call {thing} <neither {good} nor {bad}>",
    ),
    openers=("", "", "", "to be honest, ", "frankly, ", "I must say that ", "as far as I am concerned, "),
    joined=("{first}, and {last}", "{first}; what is more, {last}", "{first} and {last}", "{first}; besides, {last}"),
    contrasts=(
        "{first}, but {last}",
        "{first}, yet {last}",
        "{first}; even so, {last}",
        "it is true that {first}, but {last}",
        "although {first}, {last}",
        "while {first}, {last}",
        "{last}, even though {first}",
    ),
    weighed=(
        "{first}, whereas {last}; all in all, {verdict}",
        "{first} and {last}, but on the whole {verdict}",
        "on the one hand {first}, on the other {last}; in the end {verdict}",
        "on the whole {verdict}, although {first} and {last}",
    ),
    people=(
        *("my brother", "my neighbour", "a colleague", "the critic", "the newspaper", "a friend of mine"),
        *("everybody online", "my old teacher"),
    ),
    reports=("{person} said that {claim}", "{person} insisted that {claim}", "according to {person}, {claim}"),
    agree=(
        ", and <I agree>",
        ", and <that is true>",
        ", and <I could not agree more>",
        ", which is <exactly right>",
    ),
    disagree=(
        ", but <I disagree>",
        ", but <that is not true>",
        ", and <I could not disagree more>",
        ", which is <simply wrong>",
    ),
    unknown=(
        ", but <I cannot judge that>",
        ", and <I have no opinion on it>",
        ", but <I do not know whether that is true>",
    ),
    overrule=(", but {last}", ", but frankly, {last}", "; for my part, {last}", ", but this time {last}"),
    wonder=(
        "<I wonder whether> {thing} {be} {word}",
        "<can anybody tell me whether> {thing} {be} {word}?",
        "<I have not heard whether> {thing} {be} {word}",
        "<it remains to be seen whether> {thing} {be} {word}",
    ),
    stop=".",
)
