"""``board.html``: the storyboard as one page, for a screen, a phone, or a printer.

The page loads nothing from elsewhere, runs no script, and escapes everything that it shows.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, fit_within
from storyboard_ops.core.storyboard.board import Board, BoardPanel, BoardScene
from storyboard_ops.core.storyboard.sheets.sheet_view import (
    SheetFacts,
    board_facts,
    camera_of,
    cut,
    frames_of,
    length_of,
    light_of,
    mark_of,
    omitted_after,
    scene_heading,
    speaker_of,
)
from storyboard_ops.core.text.templates import page_environment
from storyboard_ops.core.text.wording import running_time
from storyboard_ops.domain.storyboard.board_revision import OmittedPanel

#: Longest side of the pictures in pixels by the number of panels up to which it is used; a page of
#: 200 panels stays below 15 MB.
PICTURE_SIDES = ((40, 1280), (100, 960), (200, 720))
SMALLEST_SIDE = 480
MOST_REASON = 300


@dataclass(frozen=True)
class _Field:
    """One kind of text of a panel."""

    label: str
    lines: tuple[tuple[str, str], ...]  # speaker or "", and text


@dataclass(frozen=True)
class _Card:
    """A panel on the page."""

    name: str
    mark: str
    length: str
    time: str
    picture: str  # data URI, or ""
    failure: str
    aspect: str
    alt: str
    fields: tuple[_Field, ...]
    omitted: tuple[OmittedPanel, ...]


def render_board(
    board: Board,
    pictures: Mapping[str, bytes],
    sheet: SheetFacts,
    template: str,
    css: str,
    *,
    prompts: bool = False,
) -> str:
    """Render the page. ``pictures`` holds what ``page_picture`` made, by SHA-256 of the panel.

    ``template`` is Jinja, ``css`` is inserted verbatim.
    """
    omitted = omitted_after([placed.label for placed in board.panels], sheet.revision)
    scenes = [
        {
            "id": f"scene-{scene.number}",
            "heading": scene_heading(scene),
            "length": running_time(scene.seconds),
            "cards": [*_cards(scene, pictures, sheet, omitted, prompts=prompts)],
        }
        for scene in board.scenes
    ]
    return (
        page_environment()
        .from_string(template)
        .render(
            sheet=sheet,
            facts=[fact for fact in board_facts(board, sheet) if fact],
            version=sheet.revision,
            first_omitted=omitted.get("", ()),
            scenes=scenes,
            css=Markup(css),
        )
    )


def page_picture(encoded: bytes, panels: int) -> bytes:
    """JPEG of a panel for a page of so many; raises BadInput when it is no picture."""
    side = next((side for most, side in PICTURE_SIDES if panels <= most), SMALLEST_SIDE)
    return encode_jpeg(fit_within(decode_rgb(encoded), side), quality=80)


def _cards(
    scene: BoardScene,
    pictures: Mapping[str, bytes],
    sheet: SheetFacts,
    omitted: Mapping[str, list[OmittedPanel]],
    *,
    prompts: bool,
) -> Iterator[_Card]:
    for placed in scene.panels:
        panel, name = placed.panel, placed.label
        jpeg = None if panel.failure else pictures.get(panel.sha256)
        start, end = placed.start_s, placed.start_s + placed.seconds
        yield _Card(
            name=name,
            mark=mark_of(name, sheet.revision),
            length=f"{length_of(placed)}, {frames_of(placed)}",
            time=f"{running_time(start)}\u2013{running_time(end)}",
            picture=f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else "",
            failure=cut(panel.failure or "Its picture is not there.", MOST_REASON),
            aspect=f"{panel.width} / {panel.height}",
            alt=panel.description,
            fields=tuple(_fields(placed, sheet, prompts=prompts)),
            omitted=tuple(omitted.get(name, ())),
        )


def _fields(placed: BoardPanel, sheet: SheetFacts, *, prompts: bool) -> Iterator[_Field]:
    panel = placed.panel
    names = ", ".join(sheet.names.get(one, one) for one in panel.characters)
    texts = {
        "Action": panel.description,
        "Dialogue": "",
        "Sound": panel.sound,
        "Camera": camera_of(panel),
        "Light": light_of(panel),
        "In frame": names,
        "Transition": panel.transition,
        "Note": panel.note,
        "Prompt": panel.prompt if prompts else "",
    }
    for label, text in texts.items():
        if label == "Dialogue" and panel.dialogue:
            yield _Field(label, tuple((speaker_of(line), line.text) for line in panel.dialogue))
        if text.strip():
            yield _Field(label, (("", text),))
    for note in (*panel.marks, *panel.notes):
        yield _Field("Drawing", (("", note),))
