"""Draw the panels of the board by one call for each picture, whatever model is called."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from storyboard_ops.core.pictures.codec import decode_rgb, opaque_png
from storyboard_ops.core.pictures.ground import GROUND_NAME
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.storyboard.drawn_picture import DrawnPicture
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.progress import Progress, spending
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.carry import complete_board
from storyboard_ops.steps.storyboard.drawn.asked_panels import (
    AskedPanel,
    AskedPicture,
    Drawing,
    drawn_panel,
)
from storyboard_ops.steps.storyboard.drawn.drawn_pictures import DrawnPictures
from storyboard_ops.steps.storyboard.drawn.shown_panels import SHOWN

log = logging.getLogger(__name__)

VERSION = 2
#: What the board says of a picture that came with transparent parts.
CUT_OUT_NOTE = f"Transparent parts of the picture are laid on {GROUND_NAME}."
#: What pictures that are paid for one by one are booked under.
PURPOSE = "storyboard"
#: An encoded picture, and what it cost.
Drawn = tuple[bytes, tuple[Usage, ...]]


def draw_by_calls(
    tools: ToolBox,
    asked: Sequence[AskedPanel],
    draw: Callable[[AskedPicture], Drawn],
    at_once: int,
) -> ManifestRef:
    """Draw panels into a "panels" manifest, ``at_once`` pictures at a time.

    ``draw`` returns an encoded picture and what it cost. It is called for pictures that were not
    drawn before; each is recorded as soon as it is there, so that a repeated task draws the others
    only. A panel that
    cannot be drawn keeps its place; raises BatchFailed when too many cannot.
    """
    pictures = DrawnPictures(tools)

    def find_or_draw(one: AskedPicture) -> DrawnPicture:
        def buy() -> Bought:
            encoded, usages = draw(one)
            drawn = _store(tools, pictures.place_of(one), encoded)
            return drawn.model_dump(mode="json"), usages

        return pictures.take(one, pictures.find_or_buy(one, buy))

    def make(_: str) -> Made:
        wanted = [one for panel in asked for one in panel.pictures]
        progress = Progress("Drew", len(wanted), "pictures", spending(tools))
        with tools.booking(PURPOSE):
            outcomes = call_each(wanted, find_or_draw, threads=at_once, progress=progress.add_call)
        drawing = Drawing(
            {one.item.question: one.value for one in outcomes if one.value is not None},
            {one.item.question: one.failure for one in outcomes if one.failure},
        )
        drawn = [drawn_panel(one, drawing, tools.run_key) for one in asked]
        panels = complete_board(tools, drawn)
        failed = [panel.failure for panel in panels if panel.failure]
        check_lost_share(tools, "panels could not be drawn", len(panels), failed)
        before = sum(bool(panel.drawn_by) for panel in panels)
        log.info(
            "Drew %d of %d panels; %d were drawn by earlier runs.",
            len(panels) - len(failed) - before,
            len(panels),
            before,
        )
        summary = {"panels": len(panels), "failed": len(failed), "drawn_before": before}
        return Made(panels, summary)

    return find_or_make(tools.manifests, tools.run_root / SHOWN, "panels", digest(asked), make)


def digest(asked: Sequence[AskedPanel]) -> str:
    """Return the digest of everything that decides the "panels" manifest."""
    questions = [one.question for panel in asked for one in panel.pictures]
    return digest_of(VERSION, questions, [panel.blank.model_dump(mode="json") for panel in asked])


def is_drawn(tools: ToolBox, asked: Sequence[AskedPanel]) -> bool:
    """Return whether nothing is left to draw: the board or every picture of it is there."""
    done = tools.manifests.find(tools.run_root / SHOWN, digest(asked)) is not None
    return done or not DrawnPictures(tools).missing(asked)


def _store(tools: ToolBox, place: S3Uri, encoded: bytes) -> DrawnPicture:
    """Store a picture; raises BadInput for bytes that are none."""
    png, was_cut_out = opaque_png(encoded)
    height, width = decode_rgb(png).shape[:2]
    tools.objects.put(place, png, "image/png")
    head = tools.objects.head(place)
    return DrawnPicture(
        uri=str(place),
        etag=head.etag if head else "",
        sha256=sha256_hex(png),
        width=width,
        height=height,
        run_key=tools.run_key,
        notes=(CUT_OUT_NOTE,) if was_cut_out else (),
    )
