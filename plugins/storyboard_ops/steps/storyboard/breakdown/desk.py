"""The breakdown page of a run: validate what people change, log it, price it, and apply it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from storyboard_ops.core.review.log_state import LogState
from storyboard_ops.core.script.breakdown.edited import edited, unknown_lines
from storyboard_ops.domain.error_tree import (
    NotFinished,
    ObjectMissing,
    ProductionError,
    ReviewRefused,
)
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.review.review_records import CostConsent, CostFacts, FinishRequest
from storyboard_ops.domain.storyboard.breakdown import Breakdown, SceneContent, SceneDraft
from storyboard_ops.domain.storyboard.breakdown_log import (
    MOST_EDITS,
    EditBatch,
    SceneEdit,
    SceneEntry,
    SceneState,
    parse_content,
)
from storyboard_ops.domain.storyboard.panel_card import (
    MOST_DESCRIPTION,
    MOST_FRAMES,
    MOST_SECONDS,
    MOST_SHORT,
    MOST_SOUND,
    MOST_SPOKEN,
)
from storyboard_ops.gateways.review.review_log import ReviewLog
from storyboard_ops.steps.money.cost_gate import cost_facts
from storyboard_ops.steps.review.log_desk import LogDesk
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.breakdown.break_down import BREAKDOWN
from storyboard_ops.steps.storyboard.breakdown.settle import settle_breakdown
from storyboard_ops.steps.storyboard.price_run import priced_again

INSTRUCTIONS = (
    "A model has broken the script down into panels, which will be drawn. Check each scene: what "
    "the pictures show, who is in them, how long they stand. Every line of the script is in a "
    "panel or left out by name."
)

State = LogState[SceneState]


def open_breakdown_desk(tools: ToolBox[Any]) -> BreakdownDesk:
    """Open the breakdown page of a run; raises ObjectMissing when nobody is asked about one."""
    breakdown = tools.read_record(BREAKDOWN, Breakdown)
    if breakdown is None or not breakdown.asked:
        raise ObjectMissing(
            f"No breakdown waits for people in {tools.run_root}. The page opens when "
            "break_down_script has run on a screenplay, with breakdown set to people."
        )
    return BreakdownDesk(tools, breakdown)


def read_breakdown_consent(tools: ToolBox[Any]) -> CostConsent | None:
    """Return the consent given with the finish of the breakdown page; None when there is none."""
    breakdown = tools.read_record(BREAKDOWN, Breakdown)
    if breakdown is None or not breakdown.asked:
        return None
    closed = BreakdownDesk(tools, breakdown).state().closed
    if closed is None or closed.consent_usd is None:
        return None
    return CostConsent(
        usd=closed.consent_usd, agreed=True, by=closed.by, at=closed.at, where="breakdown page"
    )


class BreakdownDesk(LogDesk[SceneEntry, SceneState]):
    """A breakdown, as its log records it."""

    entry_type = SceneEntry
    things = "scenes"

    def __init__(self, tools: ToolBox[Any], breakdown: Breakdown) -> None:
        folder = tools.run_root / f"storyboard/breakdown/log/{breakdown.digest[:16]}"
        super().__init__(tools, ReviewLog(tools.objects, folder, SceneEntry))
        self.board = breakdown

    @staticmethod
    def _items_of(entry: SceneEntry) -> Mapping[str, SceneState]:
        return {edit.image_id: _state_of(entry, edit) for edit in entry.decisions}

    @cached_property
    def _by_id(self) -> dict[str, SceneDraft]:
        return {scene.id: scene for scene in self.board.scenes}

    @property
    def title(self) -> str:
        """The name of the production."""
        return self._tools.production.production

    def undecided(self, state: State) -> int:
        """Count the scenes that nobody has approved."""
        approved = sum(item.decision == "approve" for item in state.items.values())
        return len(self.board.scenes) - approved

    def document(self) -> dict[str, Any]:
        """Return what the page shows, without the decisions; see docs/breakdown-page.md."""
        production = self._tools.production
        return {
            "run": {"title": production.production, "opened_at": self.board.opened_at},
            "instructions": INSTRUCTIONS,
            "origin": self.board.origin,
            "model_id": self.board.model_id,
            "notes": list(self.board.notes),
            "items": [scene.model_dump(mode="json") for scene in self.board.scenes],
            "omitted": [one.model_dump(mode="json") for one in self.board.omitted],
            "characters": [
                {"id": one.id, "name": one.name, "kind": one.kind} for one in production.characters
            ],
            "limits": {
                "batch_max": MOST_EDITS,
                "description": MOST_DESCRIPTION,
                "spoken": MOST_SPOKEN,
                "short": MOST_SHORT,
                "sound": MOST_SOUND,
                "seconds": MOST_SECONDS,
                "frames": MOST_FRAMES,
            },
        }

    def breakdown(self, state: State) -> Breakdown:
        """Return the breakdown as people have edited it."""
        contents = {
            key: (content, item.reviewer)
            for key, item in state.items.items()
            if key in self._by_id and (content := parse_content(item.content)) is not None
        }
        return edited(self.board, contents)

    def estimated(self) -> CostFacts:
        """Return what the run was estimated to cost, without asking what is drawn already."""
        return cost_facts(self._tools)

    def cost(self, state: State) -> CostFacts:
        """Return what the run costs with the panels of now; without panels, as it was estimated."""
        try:
            production = self._production(state)
        except ProductionError:
            return cost_facts(self._tools)
        return cost_facts(self._tools, priced_again(self._tools, production))

    def save(self, reviewer: str, batch: EditBatch) -> State:
        """Add a batch of decisions as a whole; raises ReviewRefused and adds none of it."""

        def make_entry(state: State) -> SceneEntry:
            self._refuse_used_or_closed(state, batch.id)
            self._refuse_unknown(batch.decisions)
            self._refuse_stale(state, state.stale(batch.decisions))
            return self._make_entry(
                state, batch.id, "decisions", reviewer, decisions=batch.decisions
            )

        return self._add(make_entry)

    def finish(self, reviewer: str, request: FinishRequest) -> State:
        """Close the breakdown; raises ReviewRefused when it must stay open."""

        def make_entry(state: State) -> SceneEntry:
            self._refuse_used_or_closed(state, request.id)
            if request.based_on != state.version:
                self._refuse_stale(state, state.since(request.based_on))
            undecided = self.undecided(state)
            self._refuse_other_open(undecided, request.open, "they will be taken as they are.")
            try:
                self._production(state)
            except ProductionError as error:
                raise ReviewRefused("unknown", str(error)) from error
            consent = self._check_consent(request.consent_usd, self.cost(state).consent_usd)
            return self._make_entry(state, request.id, "finish", reviewer, consent_usd=consent)

        return self._add(make_entry)

    def settle(self) -> Production:
        """Give the approved panels to the run; raises NotFinished when nobody has finished."""
        state = self.state()
        if state.closed is None:
            raise NotFinished(
                "The breakdown is not finished. Finish it on the breakdown page of this run, then "
                "clear wait_for_breakdown."
            )
        return settle_breakdown(self._tools, self.breakdown(state))

    def _production(self, state: State) -> Production:
        scenes = [one.model_dump(mode="json") for one in self.breakdown(state).script_scenes]
        sheet = self._tools.production.model_dump(mode="json") | {"storyboard": scenes}
        return parse_production(sheet, "of this breakdown")

    def _refuse_unknown(self, edits: Sequence[SceneEdit]) -> None:
        for edit in edits:
            scene = self._by_id.get(edit.image_id)
            if scene is None:
                raise ReviewRefused("unknown", f"Scene {edit.image_id} is not in this breakdown.")
            content = parse_content(edit.content)
            if content is not None:
                self._refuse_content(scene, content)

    def _refuse_content(self, scene: SceneDraft, content: SceneContent) -> None:
        cast = self._tools.production.names
        for panel in content.panels:
            spoken = {line.character for line in panel.dialogue if line.character}
            if unknown := sorted({*panel.characters, *spoken} - cast.keys()):
                raise ReviewRefused(
                    "unknown",
                    f"{unknown[0]!r} is not in this production. Choose from {', '.join(cast)}.",
                )
        if lines := unknown_lines(scene, content):
            raise ReviewRefused("unknown", f"Line {lines[0]} is not in the scene {scene.scene!r}.")


def _state_of(entry: SceneEntry, edit: SceneEdit) -> SceneState:
    return SceneState(
        version=entry.version,
        decision=edit.decision,
        content=edit.content,
        reviewer=entry.reviewer,
        decided_at=entry.at,
    )
