"""A script as people write it: scene headings, and a paragraph for every panel.

    INT. LIGHTHOUSE - NIGHT

    Mira lifts the lamp. (4 s)

    Close on Bram, who shades his eyes.

A line that starts with INT., EXT., I/E or # opens a scene. A paragraph is a panel; ``(4 s)`` at its
end is how long it is shown. Who is in a panel is told by the names in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from storyboard_ops.domain.names import phrases_in
from storyboard_ops.domain.production_sheet import Character

HEADING = re.compile(r"^(?:#+\s*|(?=(?:INT|EXT|I/E)\b))(?P<heading>\S.*)$")
SECONDS = re.compile(r"\s*\((?P<seconds>\d+(?:\.\d+)?)\s*s\)$")
UNNAMED = "Scene"


def script_scenes(text: str, cast: Sequence[Character]) -> list[dict[str, Any]]:
    """The scenes of a script as a production file has them, unchecked.

    Panels before the first heading belong to a scene that is named "Scene". A scene without a
    panel is left out.
    """
    scenes: list[dict[str, Any]] = [{"scene": UNNAMED, "panels": []}]
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        heading = HEADING.match(stripped)
        if (not stripped or heading) and paragraph:
            scenes[-1]["panels"].append(_panel(" ".join(paragraph), cast))
            paragraph = []
        if heading:
            scenes.append({"scene": heading["heading"], "panels": []})
        elif stripped:
            paragraph.append(stripped)
    return [scene for scene in scenes if scene["panels"]]


def _panel(paragraph: str, cast: Sequence[Character]) -> dict[str, Any]:
    length = SECONDS.search(paragraph)
    description = SECONDS.sub("", paragraph)
    named = phrases_in(description, (character.name for character in cast))
    panel: dict[str, Any] = {
        "description": description,
        "characters": [character.id for character in cast if character.name in named],
    }
    return panel | ({"seconds": float(length["seconds"])} if length else {})
