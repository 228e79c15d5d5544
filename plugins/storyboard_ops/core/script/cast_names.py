"""Which of the cast a text names: "Will runs", but not "the lamp will burn".

Names are compared in any spelling, as everywhere, with one exception. A name that is also a word of
the language is a name only with a capital letter, and at the start of a sentence only where it is
not read as that word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from storyboard_ops.core.script.split import sentences
from storyboard_ops.domain.names import fold_name, phrases_in
from storyboard_ops.domain.production_sheet import Character

_LISTED = """
    ace amber angel april ash aspen august autumn baron basil bay bear berry bill bird blaze
    bliss blue bob bonnie brandy breeze brook brooks buck bud buddy burn butch candy cap captain
    carol case cash chance charity chase cherry chip chuck clay cliff clover coco cole colt
    coral crystal curt daisy dale dash dawn dean destiny dick doc dot drake drew duke dustin
    dusty earl ember faith fanny fern fifi finch fisher flint flip forest fox frank gale gene
    ginger glen gold grace grant gray grey gus guy hale hank happy harmony harper hawk hazel
    heath heather heaven holly honey hope hunter ice iris iron ivory ivy jack jade jane jay jean
    jet jewel journey joy june junior justice ken king kit lance lane lark laurel lee lily link
    lot lucky luna mack mark mars max may melody mercy merry mike miles mill miller misty moon
    nick noble oak ocean olive opal otter page paige pansy pat patience pearl peg penny pepper
    petal peter phoenix pierce pip poppy porter prince princess prudence queen rain rainbow
    raven ray red reed rich river rob robin rock rocky rod rose rosemary rowan ruby rusty sage
    sailor sam sandy scarlet scout serenity shade shadow shell skip sky smith smoky sol sparrow
    spike spring star sterling stew stone storm sue summer sun sunny tab tad temple terry thorn
    tiger timber trace trinity trip troy tuck tucker tug van vic victor violet wade ward west
    whiskey wick will willow windy wing winter wolf wood woody wren zip
"""
#: Given names and nicknames that are English verbs, nouns, adjectives or adverbs, too.
WORDS = frozenset(_LISTED.split())
#: What may follow a name at the start of a sentence: it acts, or is described.
_AFTER_NAME = re.compile(
    r"\s*(?:$|[,.;:!?…–—(/&]|['’]s\b|-\s)|\s+(?:and|or|is|isn|was|has|hasn|had|does|doesn|did|didn|"
    r"will|would|can|cannot|could|may|might|must|shall|should|then|now|also|still|who|whose|with|"
    r"alone|again|just|only|slowly|quickly|[\w'’]*ly|"
    r"(?!(?:his|this|its|as|us|yes|less|across|towards|perhaps|always)\b)[^\W\d_]{2,}s|"
    r"(?!(?:need|bed|red|shed|seed|weed|speed|hundred)\b)[^\W\d_]{2,}ed)\b"
)


def named_cast(text: str, cast: Sequence[Character]) -> list[str]:
    """Return the ids of the cast that a text names, in the order of the cast.

    >>> from storyboard_ops.domain.production_sheet import Character
    >>> will = Character(id="will", name="Will", description="A boy.", references=("a.png",))
    >>> named_cast("The lamp will burn.", [will]), named_cast("Will it burn?", [will])
    ([], [])
    >>> named_cast("Will lifts the lamp.", [will]), named_cast("It is WILL.", [will])
    (['will'], ['will'])
    """
    found = phrases_in(text, (one.name for one in cast))
    return [one.id for one in cast if one.name in found and _is_named(text, one.name, cast)]


def is_word(name: str) -> bool:
    """Whether a name is a word of the language, too."""
    return fold_name(name) in WORDS


def _is_named(text: str, name: str, cast: Iterable[Character]) -> bool:
    if not is_word(name):
        return True
    # Longer names that contain this one are names of their own.
    others = [one.name for one in cast if one.name != name and name in one.name.split()]
    for other in others:
        text = re.sub(re.escape(other), "…", text, flags=re.IGNORECASE)
    pattern = re.compile(rf"(?<![\w'’-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    return any(
        _reads_as_name(sentence, match)
        for sentence in sentences(text)
        for match in pattern.finditer(sentence)
    )


def _reads_as_name(sentence: str, match: re.Match[str]) -> bool:
    written = match[0]
    if not written[0].isupper():
        return False
    if written.isupper() and len(written) > 1 and not sentence.isupper():
        return True
    if not any(letter.isalnum() for letter in sentence[: match.start()]):
        return _AFTER_NAME.match(sentence, match.end()) is not None
    return True
