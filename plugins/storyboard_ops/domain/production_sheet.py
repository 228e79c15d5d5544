"""The production file: the characters, their looks, and the test script."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.bounded_yaml import line_finder
from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.domain.input_limits import MOST_PANELS, MOST_REFERENCE_NAME, MOST_SCENES
from storyboard_ops.domain.names import is_visible, look_of, phrases_in
from storyboard_ops.domain.storyboard.panel_card import NumberText, PanelCard

#: Label of a detected figure that is none of the characters.
NONE_OF_THEM = "none_of_them"
#: A picture beneath the folder of the production file: relative to it, or an S3 URI.
Reference = Annotated[str, Field(min_length=1, max_length=MOST_REFERENCE_NAME)]

#: Stages of a storyboard's look, from the roughest on.
StyleName = Literal["thumbnail", "clean_line", "tone", "colour"]
StyleText = Annotated[str, Field(max_length=300)]
#: Characters of a scene's heading.
MOST_HEADING = 120


class Source(Record):
    """Where the material comes from; the attribution is shown next to every frame."""

    title: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    attribution: str = ""


class Character(Record):
    """One character of the production, or one of its props: an object that panels show."""

    kind: Literal["character", "prop"] = "character"
    id: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    name: str = Field(min_length=1, max_length=60)
    description: str = Field(min_length=1, max_length=600)
    #: Looks that captions must not mention: a trait in every caption takes over the name's meaning.
    traits: tuple[str, ...] = ()
    #: Rekognition labels that may box it, e.g. Person, Rabbit; a prop has none by itself.
    label_hints: tuple[str, ...] = ("Person",)
    #: Pictures of the character, beneath the folder of the production file.
    references: tuple[Reference, ...] = Field(min_length=1, max_length=10)

    @model_validator(mode="before")
    @classmethod
    def _a_prop_is_no_person(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("kind") == "prop":
            return {"label_hints": (), **given}
        return given

    @field_validator("name")
    @classmethod
    def _is_visible(cls, name: str) -> str:
        if not is_visible(name):
            raise ValueError(f"{name!a} shows nothing that can be read; write a name")
        return name


class ScriptScene(Record):
    """A scene of the script: heading, numbers and panels."""

    scene: str = Field(min_length=1, max_length=MOST_HEADING)
    number: NumberText = ""  # as the script has it
    sequence: NumberText = ""
    lines: tuple[int, ...] = ()  # of the script, from 1: its heading
    panels: tuple[PanelCard, ...] = Field(min_length=1, max_length=MOST_PANELS)


class Production(Record):
    """A validated production file."""

    production: str = Field(min_length=1, max_length=120)
    slug: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    style: StyleText = ""
    #: Other looks, which the parameter ``style`` chooses; each replaces the words for it.
    styles: dict[StyleName, StyleText] = {}
    source: Source
    characters: tuple[Character, ...] = Field(min_length=1, max_length=20)
    #: Pictures of others who appear and must not be mistaken for a character; as ``references``.
    strangers: tuple[Reference, ...] = Field((), max_length=10)
    #: What is drawn, where a run names no script; without either, a run ends with its model.
    storyboard: tuple[ScriptScene, ...] = Field((), max_length=MOST_SCENES)
    #: Words and phrases that no caption may contain: names of brands, actors, secrets. Matched in
    #: any case, in the regular English plural ("gun": "guns") and possessive ("gun's"); other forms
    #: ("gunned") must be listed too.
    forbidden_words: tuple[str, ...] = Field((), max_length=200)
    #: Run parameters that suit this material, e.g. max_enlargement for small films.
    settings: dict[str, Any] = {}

    @model_validator(mode="after")
    def _ids_are_consistent(self) -> Production:
        ids = [character.id for character in self.characters]
        if len(set(ids)) < len(ids):
            twice = sorted({each for each in ids if ids.count(each) > 1})
            raise ValueError(
                f"more than one character has the id {', '.join(map(repr, twice))}; give each a "
                "different one"
            )
        for scene in self.storyboard:
            for panel in scene.panels:
                unknown = sorted(set(panel.characters) - set(ids))
                if unknown:
                    raise ValueError(
                        f"scene {scene.scene!r} names unknown character "
                        f"{', '.join(map(repr, unknown))}; known are {', '.join(ids)}"
                    )
                twice = sorted({one for one in panel.characters if panel.characters.count(one) > 1})
                if twice:
                    raise ValueError(
                        f"scene {scene.scene!r}: a panel lists {', '.join(map(repr, twice))} more "
                        "than once; list each character once"
                    )
        return self

    @model_validator(mode="after")
    def _names_can_be_told_apart(self) -> Production:
        known = {look_of(NONE_OF_THEM): f"{NONE_OF_THEM!r}, which is reserved for strangers"}
        for character in self.characters:
            for name in (character.id, character.name):
                other = known.get(look_of(name))
                if other is not None:
                    raise ValueError(
                        f"character {character.id!r}: {name!r} cannot be told apart from {other}; "
                        "choose another name or id"
                    )
            own = f"{character.name!r}, the character {character.id!r}"
            known |= {look_of(name): own for name in (character.id, character.name)}
        return self

    @model_validator(mode="after")
    def _names_are_allowed(self) -> Production:
        for character in self.characters:
            unwanted = {"forbidden_words": self.forbidden_words, "traits": character.traits}
            for field, words in unwanted.items():
                for word in sorted(phrases_in(character.name, words)):
                    raise ValueError(
                        f"{field} has {word!r}, which is in the name {character.name!r}: captions "
                        "must call a character by name. Remove the word, or change the name."
                    )
        return self

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Production:
        panels = sum(len(scene.panels) for scene in self.storyboard)
        if panels > MOST_PANELS:
            raise ValueError(
                f"the storyboard has {panels:,} panels; at most {MOST_PANELS:,} are drawn by one "
                "run. Split the script."
            )
        return self

    def character(self, character_id: str) -> Character:
        """Return a character by id; raises KeyError for an id that is not in the file."""
        return {character.id: character for character in self.characters}[character_id]

    @property
    def props(self) -> frozenset[str]:
        """Ids of the props; all others are characters."""
        return frozenset(one.id for one in self.characters if one.kind == "prop")

    @property
    def names(self) -> dict[str, str]:
        """Display name of each character by id, and of each prop."""
        return {character.id: character.name for character in self.characters}

    def display_name(self, label: str) -> str:
        """Return the name of a character by id; a label that is no id is returned unchanged."""
        return self.names.get(label, label)


def with_storyboard(production: Production, scenes: Any, origin: str) -> Production:
    """Return a production with the scenes of a script; ``origin`` names the script in errors.

    Raises ProductionError when there is no scene, or one cannot be drawn.
    """
    if not scenes:
        raise ProductionError(
            f"The script {origin} has no panel to draw. Add a scene with at least one."
        )
    return parse_production(production.model_dump(mode="json") | {"storyboard": scenes}, origin)


def parse_production(document: Any, origin: str, body: bytes | str = "") -> Production:
    """Validate a loaded YAML document; raises ProductionError with the file and every fault.

    ``body``: the text that was loaded; with it, each fault has its line.
    """
    try:
        return Production.model_validate(document)
    except ValidationError as error:
        line_of = line_finder(body) if body else None
        faults = "\n  ".join(faults_of(error, "file", Production, line_of))
        raise ProductionError(f"The production file {origin} is not valid:\n  {faults}") from error
