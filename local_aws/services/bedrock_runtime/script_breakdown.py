"""Panels of a script by a plain rule, in place of a model that reads it.

Every line "12 action: Mira lifts the lamp." is one panel; lines of speech, sounds and transitions
belong to the panel before them, or to the first one of their scene. In the picture is who is named
with a capital letter in the action, or speaks there without V.O. or O.S. The first panel of a scene
is wide, one with speech is medium. A request that says "for these lines only: 3, 5" gets no other.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

LINE = re.compile(r"(?P<number>\d+) (?P<kind>[a-z ]+): (?P<text>.*)")
SCENE = re.compile(r"SCENE(?: [^:\s]+)?: ")
ONLY = re.compile(r"for these lines only: (?P<lines>[\d, ]+)")
SOUND = re.compile(r"(?:SFX|SOUND|MUSIC)\s*[:–—]", re.IGNORECASE)
HEARD_ONLY = re.compile(r"\((?:V\.?O|O\.?S|O\.?C)\b", re.IGNORECASE)
SECONDS_PER_WORD = 0.35
SHORTEST = 2.0


def break_down(texts: Sequence[str]) -> dict[str, Any]:
    """Return the panels of the scenes in the texts of a request, and no omission but speech."""
    cast = _read_cast(texts)
    wanted = _wanted_lines(texts)
    panels: list[dict[str, Any]] = []
    for scene in _scenes(texts):
        panels += _scene_panels([line for line in scene if not wanted or line[0] in wanted], cast)
    used = {number for panel in panels for number in panel["lines"]}
    left = [
        number
        for scene in _scenes(texts)
        for number, _, _ in scene
        if number not in used and (not wanted or number in wanted)
    ]
    reason = "belongs to no action of its scene"
    return {"panels": panels, "omitted": [{"lines": left, "reason": reason}] if left else []}


def _read_cast(texts: Sequence[str]) -> dict[str, str]:
    """Return the ids of the cast by their names."""
    for text in texts:
        try:
            document = json.loads(text)
        except ValueError:
            continue
        if isinstance(document, dict) and isinstance(document.get("cast"), list):
            return {str(one["name"]): str(one["id"]) for one in document["cast"]}
    return {}


def _wanted_lines(texts: Sequence[str]) -> set[int]:
    found = [match for text in texts if (match := ONLY.search(text))]
    return {int(number) for match in found for number in re.findall(r"\d+", match["lines"])}


def _scenes(texts: Sequence[str]) -> list[list[tuple[int, str, str]]]:
    scenes: list[list[tuple[int, str, str]]] = []
    for line in (line for text in texts for line in text.split("\n")):
        if SCENE.match(line):
            scenes.append([])
        elif scenes and (match := LINE.fullmatch(line)):
            scenes[-1].append((int(match["number"]), match["kind"], match["text"]))
    return scenes


def _scene_panels(lines: list[tuple[int, str, str]], cast: dict[str, str]) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    waiting: list[tuple[int, str, str]] = []
    for line in lines:
        number, kind, text = line
        if kind == "action" and not SOUND.match(text):
            panels.append(
                {
                    "lines": [number],
                    "shot": len(panels) + 1,
                    "description": text,
                    "cast": [identity for name, identity in cast.items() if _names(text, name)],
                    "size": "medium" if panels else "wide",
                    "seconds": SHORTEST,
                }
            )
            for waited in waiting:
                _add(panels[-1], waited, cast)
            waiting = []
        elif panels:
            _add(panels[-1], line, cast)
        elif kind != "transition":
            waiting.append(line)
    return panels


def _add(panel: dict[str, Any], line: tuple[int, str, str], cast: dict[str, str]) -> None:
    number, kind, text = line
    panel["lines"] = sorted([*panel["lines"], number])
    if kind == "character" and not HEARD_ONLY.search(text):
        speaking = [
            one for name, one in cast.items() if text.casefold().startswith(name.casefold())
        ]
        panel["cast"] += [one for one in speaking if one not in panel["cast"]]
    if kind == "dialogue":
        spoken = round(len(text.split()) * SECONDS_PER_WORD, 1)
        panel["seconds"] = round(min(60.0, panel["seconds"] + spoken), 1)


def _names(text: str, name: str) -> bool:
    """Return whether a text has the name as a word, with a capital letter if the name has one."""
    found = re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    return any(match[0][:1] == name[:1] for match in found)
