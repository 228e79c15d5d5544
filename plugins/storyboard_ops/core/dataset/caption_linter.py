"""Lint the captions of a dataset: each finding names the picture and the reason.

A caption teaches the model what a name stands for. It must fit the trainer, name the characters in
the picture and no others, agree with the picture's framing, and leave out the looks that the name
stands for: words that occur in nearly every caption take over the name's meaning.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from storyboard_ops.core.text.framing_words import framing_claims
from storyboard_ops.core.text.overlap import common_fragments, near_copies
from storyboard_ops.core.text.words import (
    foreign_characters,
    names_like,
    with_plurals,
    word_count,
    words,
)
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.names import fold, fold_name, ids_by_name, phrases_in
from storyboard_ops.domain.production_sheet import Character, Production
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

Code = Literal[
    "too short", "too long", "not text", "word count", "name missing", "unknown character",
    "absent character", "absent prop", "unknown name", "id for name", "trait", "fragment",
    "near-identical", "forbidden", "character unnamed", "framing",
]  # fmt: skip


@dataclass(frozen=True)
class CaptionedPicture:
    """A caption and what is known about its picture."""

    image_id: str
    text: str
    character: str  # id of the character that the crop was cut for
    present: frozenset[str] = frozenset()  # ids of other characters detected in the crop
    claimed: tuple[str, ...] = ()  # ids that the model said it described
    framing: Literal["", "full", "medium", "close"] = ""  # of the picture; "": unknown

    @property
    def cast(self) -> frozenset[str]:
        """Ids of all characters detected in the crop."""
        return self.present | {self.character}


@dataclass(frozen=True)
class CaptionRules:
    """Requirements for a caption in addition to the trainer's limits."""

    words: tuple[int, int] = (20, 30)
    forbidden: tuple[str, ...] = ()
    fragment_words: int = 3
    fragment_share: float = 0.8
    #: With fewer captions of a character than this, shared words are not reported.
    fragment_captions: int = 5
    near_identical: float = 0.85  # share of shared words among all words of both captions
    #: Capitalized words that do not name a person: places, the title, nouns of the language.
    known_words: tuple[str, ...] = ()


class CaptionFinding(Record):
    """One fault of one caption."""

    image_id: str
    code: Code
    message: str
    #: Whether the picture must not be trained with this caption.
    blocking: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True)
class _Check:
    """Input shared by the checks of single captions."""

    characters: Mapping[str, Character]
    rules: CaptionRules
    names: dict[str, str] = field(default_factory=dict)  # name -> id


#: Only this many words are compared: the trainer refuses much longer captions.
COMPARED_WORDS = 60

Problems = Iterator[tuple[Code, str]]

#: Faults that no trainer accepts, even in a caption that a reviewer wrote.
REFUSED: frozenset[Code] = frozenset({"too short", "too long", "not text"})
#: A picture whose caption keeps one of these faults is left out.
BLOCKING: frozenset[Code] = REFUSED | {
    "name missing",
    "unknown character",
    "absent character",
    "forbidden",
}
_WORDS = re.compile(r"\w+")
#: Share of another character's box that must be inside the crop for the caption to name them.
SHOWN_SHARE = 0.5


def lint_captions(
    captions: Sequence[CaptionedPicture],
    characters: Sequence[Character],
    rules: CaptionRules | None = None,
) -> list[CaptionFinding]:
    """Find all faults, in the order of the captions; single checks come before comparisons.

    ``captions`` must be all captions of the dataset, because fragments and near-identical captions
    show only in comparison. Raises KeyError when a picture's character is not in ``characters``.
    """
    rules = rules or CaptionRules()
    check = _Check(
        characters={character.id: character for character in characters},
        rules=rules,
        names={character.name: character.id for character in characters},
    )
    problems: dict[str, list[tuple[Code, str]]] = {c.image_id: [] for c in captions}
    for caption in captions:
        for find in SINGLE_CHECKS:
            problems[caption.image_id] += find(caption, check)
    for image_id, code, message in (*_fragments(captions, rules), *_near_copies(captions, rules)):
        problems[image_id].append((code, message))
    return [
        CaptionFinding(image_id=image_id, code=code, message=message, blocking=code in BLOCKING)
        for image_id, found in problems.items()
        for code, message in found
    ]


def rules_for(production: Production) -> CaptionRules:
    """Return a production's rules: its forbidden words and the capitalized words of its world."""
    texts = [production.production, production.source.title, production.style]
    texts += [scene.scene.title() for scene in production.storyboard]
    known = sorted({word for text in texts for word in text.split()})
    return CaptionRules(forbidden=production.forbidden_words, known_words=tuple(known))


def shown_characters(image: ImageRecord) -> list[str]:
    """Return the ids of the picture's character and of others with enough inside the crop."""
    others = [c for c, share in sorted(image.crop.overlap.items()) if share >= SHOWN_SHARE]
    return list(dict.fromkeys([image.character, *others]))


def captioned_picture(
    image: ImageRecord, text: str, claimed: tuple[str, ...] = ()
) -> CaptionedPicture:
    """Return a text as the caption of a picture, with the characters known to be in it."""
    return CaptionedPicture(
        image_id=image.image_id,
        text=text,
        character=image.character,
        present=frozenset(shown_characters(image)),
        claimed=claimed,
        framing=image.crop.framing,
    )


def _length(caption: CaptionedPicture, check: _Check) -> Problems:
    least, most = NOVA_CANVAS.caption_characters
    length = len(caption.text)
    if length < least:
        yield "too short", f"{length} characters; the trainer wants at least {least}"
    elif length > most:
        yield "too long", f"{length:,} characters; the trainer takes at most {most:,}"


def _text(caption: CaptionedPicture, check: _Check) -> Problems:
    foreign = foreign_characters(caption.text)
    if foreign:
        listed = ", ".join(f"U+{ord(character):04X}" for character in foreign[:5])
        yield "not text", f"holds characters that are no text: {listed}"
    elif not words(caption.text):
        yield "not text", "holds no word"


def _word_count(caption: CaptionedPicture, check: _Check) -> Problems:
    least, most = check.rules.words
    count = word_count(caption.text)
    if not least <= count <= most:
        yield "word count", f"{count:,} words; {least} to {most} are wanted"


def _names(caption: CaptionedPicture, check: _Check) -> Problems:
    named = {check.names[name] for name in phrases_in(caption.text, check.names)}
    own = check.characters[caption.character]
    if caption.character not in named:
        yield "name missing", f"does not call the character by name: {own.name}"
    ids = ids_by_name({identity: one.name for identity, one in check.characters.items()})
    claimed = {said: ids.get(fold_name(said)) for said in caption.claimed}
    for stranger in sorted(said for said, identity in claimed.items() if identity is None):
        yield "unknown character", f"speaks of {stranger!r}, whom the production file does not name"
    for absent in sorted((named | set(filter(None, claimed.values()))) - caption.cast):
        one = check.characters[absent]
        if one.kind == "prop":  # its name may be an ordinary word
            yield "absent prop", f"speaks of {one.name}, which was not detected in the picture"
        else:
            yield "absent character", f"speaks of {one.name}, who was not detected in the picture"


def _unnamed(caption: CaptionedPicture, check: _Check) -> Problems:
    named = {check.names[name] for name in phrases_in(caption.text, check.names)}
    others = caption.present & check.characters.keys() - {caption.character}
    for visible in sorted(others - named):
        one = check.characters[visible]
        pronoun = "which" if one.kind == "prop" else "who"
        message = f"does not call {one.name} by name, {pronoun} is in the picture too"
        yield "character unnamed", message


def _framing(caption: CaptionedPicture, check: _Check) -> Problems:
    claims = framing_claims(caption.text)
    if caption.framing == "full" and "close" in claims:
        yield "framing", f"says {claims['close']!r}, but the picture shows a full figure"
    if caption.framing == "close" and "full" in claims:
        yield "framing", f"says {claims['full']!r}, but the picture is a close-up"


def _strangers(caption: CaptionedPicture, check: _Check) -> Problems:
    known = {word for text in (*check.names, *check.rules.known_words) for word in words(text)}
    for name in names_like(caption.text):
        if not known.issuperset(words(name)):
            yield "unknown name", f"seems to name {name!r}, whom the production file does not name"


def _ids(caption: CaptionedPicture, check: _Check) -> Problems:
    # An id that is also an ordinary word or the name itself is not a mistake.
    telling = [identity for identity in check.characters if "_" in identity]
    for identity in sorted(set(telling).intersection(_WORDS.findall(fold(caption.text)))):
        yield "id for name", f"says {identity!r} for {check.characters[identity].name}"


def _traits(caption: CaptionedPicture, check: _Check) -> Problems:
    for identity in sorted(caption.cast & check.characters.keys()):
        character = check.characters[identity]
        for trait in sorted(phrases_in(caption.text, character.traits)):
            yield "trait", f"repeats {trait!r}; the name {character.name} has to stand for it"


def _forbidden(caption: CaptionedPicture, check: _Check) -> Problems:
    forms = [form for word in check.rules.forbidden for form in with_plurals(word)]
    for form in sorted(phrases_in(caption.text, forms)):
        yield "forbidden", f"uses {form!r}"


SINGLE_CHECKS: tuple[Callable[[CaptionedPicture, _Check], Problems], ...] = (
    _length, _text, _word_count, _names, _unnamed, _framing, _strangers, _ids, _traits, _forbidden,
)  # fmt: skip


def _fragments(
    captions: Sequence[CaptionedPicture], rules: CaptionRules
) -> Iterator[tuple[str, Code, str]]:
    """Report runs of words that nearly all captions of one character share."""
    groups: dict[str, list[CaptionedPicture]] = defaultdict(list)
    for caption in captions:
        groups[caption.character].append(caption)
    for group in groups.values():
        if len(group) < rules.fragment_captions:
            continue
        texts = [words(caption.text)[:COMPARED_WORDS] for caption in group]
        shared = common_fragments(texts, rules.fragment_words, rules.fragment_share)
        for fragment, holders in shared.items():
            message = f"{' '.join(fragment)!r} stands in {len(holders)} of {len(group)} captions"
            for holder in holders:
                yield group[holder].image_id, "fragment", message


def _near_copies(
    captions: Sequence[CaptionedPicture], rules: CaptionRules
) -> Iterator[tuple[str, Code, str]]:
    texts = [words(caption.text)[:COMPARED_WORDS] for caption in captions]
    for later, earlier in near_copies(texts, rules.near_identical).items():
        message = f"nearly the caption of picture {captions[earlier].image_id[:12]}"
        yield captions[later].image_id, "near-identical", message
