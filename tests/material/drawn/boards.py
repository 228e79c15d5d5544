"""A run that has drawn its storyboard, with candidates to choose from, and its panel board."""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import Candidate, ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import board_of_run
from storyboard_ops.steps.storyboard.choosing.layout import lay_out_panels
from storyboard_ops.steps.storyboard.drawn.shown_panels import SHOWN
from storyboard_ops.steps.storyboard.slots import board_slots
from tests.material import factories, reports

#: Candidates of each panel.
DRAWN = 3
SIZE = (320, 180)


def draw_board(
    tools: ToolBox[Any],
    production: Production | None = None,
    model: TrainedModel | None = None,
    approved: int = 0,
) -> tuple[Panel, ...]:
    """Let a run have drawn its script, three candidates a panel, and laid out its panel board.

    ``approved``: pictures of Mira that people have approved.
    """
    script = _store_references(tools, production or factories.production())
    tools.write_record("production.json", script)
    tools.write_record("settings.json", tools.settings)
    tools.write_record("model/model.json", model or reports.customized_model())
    panels = [_draw(tools, script, slot) for slot in board_slots(board_of_run(tools))]
    tools.manifests.commit(tools.run_root / SHOWN, "panels", "drawn", panels)
    if approved:
        images = [_approve(tools, k) for k in range(approved)]
        tools.manifests.commit(tools.run_root / "review/images.jsonl", "images", "r", images)
    lay_out_panels(tools)
    return tuple(panels)


def _draw(tools: ToolBox[Any], script: Production, slot: Any) -> Panel:
    seeds = [7 + (slot.number - 1) * DRAWN + k for k in range(DRAWN)]
    candidates = tuple(_draw_candidate(tools, slot, seed, k) for k, seed in enumerate(seeds))
    names = ", ".join(script.names[one] for one in slot.panel.characters)
    panel = Panel(
        **slot.panel.model_dump(),
        scene=slot.scene,
        scene_number=slot.scene_number,
        number=slot.number,
        prompt=f"{slot.panel.description} In the picture: {names}.",
        seed=seeds[0],
        uri="",
        sha256="",
        width=SIZE[0],
        height=SIZE[1],
        model_arn=reports.customized_model().model_arn,
        candidates=candidates,
        chosen_because="It has the highest likeness of 3 candidates: 0.80.",
    )
    return panel.showing(candidates[0])


def _draw_candidate(tools: ToolBox[Any], slot: Any, seed: int, k: int) -> Candidate:
    png = encode_png(factories.picture(seed, *SIZE))
    uri = tools.objects.put(
        tools.run_root / f"storyboard/candidates/job/{slot.name}_{seed}.png", png, "image/png"
    )
    return Candidate(
        seed=seed, uri=uri, sha256=sha256_hex(png), likeness=(8 - k) / 10, cast_match=1.0
    )


def _store_references(tools: ToolBox[Any], production: Production) -> Production:
    stored = []
    for number, one in enumerate(production.characters):
        png = encode_png(factories.picture(900 + number, 200, 200))
        place = tools.workspace.reference(sha256_hex(png))
        uri = tools.objects.put(place, png, "image/png")
        stored.append(one.model_copy(update={"references": (uri,)}))
    return production.model_copy(update={"characters": tuple(stored)})


def _approve(tools: ToolBox[Any], k: int) -> ImageRecord:
    png = encode_png(factories.picture(700 + k, 200, 200))
    sha = sha256_hex(png)
    uri = tools.objects.put(tools.run_root / f"crops/{sha}.png", png, "image/png")
    return factories.image(k, image_id=sha, uri=uri)
