"""What a model is asked about a script: some scenes in numbered lines, and who is in the cast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.scene_text import SceneText
from storyboard_ops.core.text.answer_forms import tool_line
from storyboard_ops.core.text.tokens import text_tokens
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.models.model_answers import AnswerTool
from storyboard_ops.domain.production_sheet import Production

#: Bounds of one request: paragraphs and cues, and characters of them.
MOST_ELEMENTS, MOST_CHARACTERS = 40, 8_000
#: Most tokens of an answer, and of the next one where it could not be used or was cut off.
BREAKDOWN_TOKENS, LONGER_BREAKDOWN_TOKENS = 5_000, 9_000
#: Approximate tokens that an answer has for each paragraph and cue, at most.
TOKENS_PER_ELEMENT = 120
PANELS_AS_JSON = 'Answer with JSON only, keys "panels" and "omitted".'


@dataclass(frozen=True)
class ScenePart:
    """A scene, or the part of a long one that is in one request."""

    scene: SceneText
    position: int  # of the scene in the script, from 0
    elements: Sequence[Element]

    @property
    def characters(self) -> int:
        return sum(len(element.text) for element in self.elements)


@dataclass(frozen=True)
class Chunk:
    """The scenes of one request."""

    parts: Sequence[ScenePart]

    @cached_property
    def elements(self) -> dict[int, Element]:
        """The elements by all their lines."""
        return {
            line: element
            for part in self.parts
            for element in part.elements
            for line in element.lines
        }

    def part_of(self, element: Element) -> ScenePart:
        """Return the part that an element of this chunk is in."""
        return next(part for part in self.parts if element in part.elements)


def make_chunks(scenes: Sequence[SceneText]) -> list[Chunk]:
    """Divide the scenes among requests of limited length; a long scene is in several."""
    chunks: list[Chunk] = []
    packed: list[ScenePart] = []
    for position, scene in enumerate(scenes):
        if all(element.kind is Kind.TRANSITION for element in scene.elements):
            continue  # there is nothing to draw
        for part in _parts(ScenePart(scene, position, scene.elements)):
            if packed and not _fits([*packed, part]):
                chunks.append(Chunk(tuple(packed)))
                packed = []
            packed.append(part)
    return [*chunks, Chunk(tuple(packed))] if packed else chunks


def _parts(whole: ScenePart) -> Iterator[ScenePart]:
    """Divide a scene that is too long for one request, before an action where possible."""
    rest = list(whole.elements)
    while rest:
        end = 1
        while end < len(rest) and _fits([_with(whole, rest[: end + 1])]):
            end += 1
        actions = [at for at in range(1, end + 1) if rest[at:] and rest[at].kind is Kind.ACTION]
        if end < len(rest) and actions:
            end = actions[-1]
        yield _with(whole, rest[:end])
        rest = rest[end:]


def _with(part: ScenePart, elements: Sequence[Element]) -> ScenePart:
    return replace(part, elements=tuple(elements))


def _fits(parts: Sequence[ScenePart]) -> bool:
    elements = sum(len(part.elements) for part in parts)
    return elements <= MOST_ELEMENTS and sum(part.characters for part in parts) <= MOST_CHARACTERS


def breakdown_tool(cast: Sequence[str]) -> AnswerTool:
    """Return the tool that writes panels with the cast by these ids."""

    def text(description: str) -> dict[str, str]:
        return {"type": "string", "description": description}

    lines = {"type": "array", "items": {"type": "integer"}}
    fields = {
        "lines": {**lines, "description": "numbers of the lines that the panel is made of"},
        "shot": {"type": "integer", "description": "1, 2, 3 within the scene; panels of one shot "
                 "have the same number"},
        "description": text("what the picture shows, in one or two sentences"),
        "cast": {
            "type": "array",
            "items": {"type": "string", "enum": list(cast)},
            "description": "who and which props are in the picture",
        },
        "size": text("wide, full, medium, close-up or extreme close-up"),
        "seconds": {"type": "number", "description": "how long the panel is shown"},
        "angle": text("eye level, low, high, from above, over the shoulder"),
        "lens": text("if the script says it"),
        "move": text("of the camera: static, pan left, tilt up, push in"),
        "light": text("if the script says it"),
        "place": text("where it is"),
        "time": text("of the day"),
        "sound": text("what is heard besides speech"),
        "transition": text("to the next panel, if it is no plain cut"),
    }  # fmt: skip
    panel = {
        "type": "object",
        "properties": fields,
        "required": ["lines", "shot", "description", "cast", "size", "seconds"],
    }
    left_out = {
        "type": "object",
        "properties": {"lines": lines, "reason": text("why no panel shows or sounds them")},
        "required": ["lines", "reason"],
    }
    return AnswerTool(
        "write_panels",
        "Writes the panels of the scenes in their order, and the lines that are in no panel.",
        {
            "panels": {"type": "array", "items": panel},
            "omitted": {"type": "array", "items": left_out},
        },
    )


def breakdown_parts(
    production: Production,
    chunk: Chunk,
    tool: AnswerTool | None,
    missing: Sequence[int] = (),
    fault: str = "",
) -> list[str]:
    """Return the texts of a request: the cast as JSON, the scenes, and how to answer.

    ``missing``: only these lines are asked for, because the answer for the others is there.
    ``fault``: what was wrong with the last answer, which is then asked for in prose.
    """
    cast = [
        {"id": one.id, "name": one.name, "kind": one.kind, "description": one.description}
        for one in production.characters
    ]
    parts = [canonical_json({"cast": cast}), "\n\n".join(map(_scene, chunk.parts))]
    if missing:
        numbers = ", ".join(map(str, missing))
        parts.append(
            f"The other lines are in panels already. Write panels for these lines only: {numbers}"
        )
    if fault:
        parts.append(f"Your last answer cannot be used: {fault}\nBe brief. {PANELS_AS_JSON}")
    else:
        parts.append(tool_line(tool) if tool else PANELS_AS_JSON)
    return parts


def request_tokens(prompt: str, production: Production, chunk: Chunk) -> int:
    """Return the most input tokens of the first request about a chunk."""
    tool = breakdown_tool(list(production.names))
    parts = [prompt, *breakdown_parts(production, chunk, tool), canonical_json(tool.schema)]
    return sum(map(text_tokens, parts))


def most_answer_tokens(chunk: Chunk) -> int:
    """Return about how many tokens an answer about a chunk has, at most."""
    elements = sum(len(part.elements) for part in chunk.parts)
    return min(BREAKDOWN_TOKENS, elements * TOKENS_PER_ELEMENT)


def _scene(part: ScenePart) -> str:
    number = f" {part.scene.number}" if part.scene.number else ""
    heading = f"SCENE{number}: {part.scene.title}"
    return "\n".join([heading, *map(_line, part.elements)])


def _line(element: Element) -> str:
    extensions = "".join(f" ({extension})" for extension in element.extensions)
    dual = " (at the same time as the speech before)" if element.dual else ""
    return f"{element.line} {element.kind}: {element.text}{extensions}{dual}"
