"""Turn what people said about figures into a production file: ids, references, the text of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from storyboard_ops.domain.image_records import Box
from storyboard_ops.domain.names import look_of
from storyboard_ops.domain.production.draft import MemberDetails, ProductionDetails
from storyboard_ops.domain.production_sheet import NONE_OF_THEM

#: Reference pictures that are chosen for a character when nobody picked any.
CHOSEN_REFERENCES = 5
MOST_ID, MOST_SLUG = 40, 60


@dataclass(frozen=True)
class Portrait:
    """A figure that may become a reference picture: ``shot`` of a film, and its place there."""

    id: str
    shot: tuple[int, int]
    box: Box


def choose_references(portraits: Sequence[Portrait]) -> list[str]:
    """Return the ids of the figures that show a character best, from as many shots as possible.

    From every shot the largest is taken, then the second largest, until there are enough.
    """
    by_shot: dict[tuple[int, int], list[Portrait]] = {}
    for portrait in sorted(portraits, key=lambda one: (-one.box.area, one.id)):
        by_shot.setdefault(portrait.shot, []).append(portrait)
    ranked = sorted(
        (
            (rank, -one.box.area, one.id)
            for shot in by_shot.values()
            for rank, one in enumerate(shot)
        ),
    )
    return [identity for _, _, identity in ranked[:CHOSEN_REFERENCES]]


def make_id(name: str, taken: Iterable[str]) -> str:
    """Return an id for a name, which looks like none of those that are taken.

    >>> make_id("Captain O'Neill", [])
    'captain_o_neill'
    >>> make_id("Mira", ["mira"])
    'mira_2'
    """
    base = _ascii_words(name, "_")[:MOST_ID].strip("_") or "character"
    looks = {look_of(one) for one in (*taken, NONE_OF_THEM)}
    identity, number = base, 1
    while look_of(identity) in looks:
        number += 1
        identity = f"{base[: MOST_ID - len(str(number)) - 1]}_{number}"
    return identity


def make_slug(title: str) -> str:
    """Return the slug of a title: small letters, digits and hyphens; "production" for none."""
    return _ascii_words(title, "-")[:MOST_SLUG].strip("-") or "production"


def _ascii_words(text: str, between: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", between, plain).strip(between)


def split_traits(text: str) -> list[str]:
    """Return the traits of a text, which are separated by commas or line breaks."""
    return [trait for part in re.split(r"[,;\n]", text) if (trait := " ".join(part.split()))]


def make_document(
    details: ProductionDetails, references: dict[str, list[str]], enlargement: float | None = None
) -> dict[str, Any]:
    """Return the production file as plain values; ``references``: files of each name.

    ``enlargement``: what the figures need to be trained with, where it is more than the default.
    It is not checked here: ``parse_production`` says what is wrong with it.
    """
    ids: dict[str, str] = {}
    for name in references:
        given = details.members.get(name, MemberDetails()).id.strip()
        ids[name] = given or make_id(name, [*ids.values(), *(set(references) - {name})])
    document: dict[str, Any] = {
        "production": details.title.strip(),
        "slug": make_slug(details.title),
        "source": {
            "title": details.title.strip(),
            "licence": details.licence.strip(),
            "attribution": details.attribution.strip(),
        },
        "characters": [
            _member(ids[name], name, details.members.get(name, MemberDetails()), files)
            for name, files in references.items()
        ],
    }
    if enlargement is not None:
        document["settings"] = {"max_enlargement": enlargement}
    return document


def _member(
    identity: str, name: str, said: MemberDetails, references: Sequence[str]
) -> dict[str, Any]:
    prop = {"kind": "prop"} if said.kind == "prop" else {}
    traits = split_traits(said.traits)
    return {
        "id": identity,
        "name": name,
        **prop,
        "description": " ".join(said.description.split()),
        **({"traits": traits} if traits else {}),
        "references": list(references),
    }


def write_document(document: dict[str, Any], schema: str) -> str:
    """Return the text of a production file; ``schema``: the path of the schema for editors."""
    head = (
        f"# yaml-language-server: $schema={schema}\n"
        "# Made by `make production`. Every field is explained in docs/production.md.\n"
        "# The storyboard is optional: add scenes and panels, or name a script in the run.\n"
    )
    return head + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=96)
