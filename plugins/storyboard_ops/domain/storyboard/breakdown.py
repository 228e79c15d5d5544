"""A script broken down into panels, before people have approved it and after."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.production_sheet import MOST_HEADING, ScriptScene
from storyboard_ops.domain.script_record import OmittedLine
from storyboard_ops.domain.storyboard.panel_card import NumberText, PanelCard, SpokenLine

#: Who breaks a script down: a model whose work people approve, a model alone, or plain rules.
BreakdownMode = Literal["people", "auto", "plain"]


class SourceUnit(Record):
    """A paragraph, a cue or a mark of the script."""

    line: int  # names it: the first of its lines
    lines: tuple[int, ...]
    kind: str  # of element, e.g. "dialogue"
    text: str
    spoken: tuple[SpokenLine, ...] = ()  # what a panel with this unit has as dialogue
    drawn: bool = True  # it belongs to a panel; False: a note or another mark


class SceneContent(Record):
    """What people decide about: the panels of a scene, and what is in none of them."""

    panels: tuple[PanelCard, ...] = ()
    omitted: tuple[OmittedLine, ...] = ()


class SceneDraft(SceneContent):
    """A scene of the script, with the panels that are proposed for it."""

    id: str  # within the breakdown
    scene: str = Field(min_length=1, max_length=MOST_HEADING)  # heading
    number: NumberText = ""  # as the script has it
    sequence: NumberText = ""
    lines: tuple[int, ...] = ()  # of the heading
    units: tuple[SourceUnit, ...] = ()  # all of the scene, in their order

    @property
    def heading_omitted(self) -> tuple[OmittedLine, ...]:
        """The heading of a scene without a panel, which is on no board."""
        if self.panels or not self.lines:
            return ()
        reason = "is a scene without a picture"
        return (
            OmittedLine(
                line=self.lines[0],
                kind="scene heading",
                text=self.scene,
                reason=reason,
                lines=self.lines,
            ),
        )

    def with_content(self, content: SceneContent) -> SceneDraft:
        """Return the scene with other panels and omissions."""
        return self.model_copy(update={"panels": content.panels, "omitted": content.omitted})


class Breakdown(Record):
    """``storyboard/breakdown.json``: every line of the script is in a scene or omitted."""

    digest: str  # of everything that decides it
    origin: str  # URI of the script
    script_sha256: str
    format: str
    elements: dict[str, int] = {}  # how many there are of each kind
    mode: BreakdownMode
    model_id: str = ""  # empty: plain rules
    asked: bool = False  # people approve it on its page
    opened_at: str = ""  # ISO 8601
    scenes: tuple[SceneDraft, ...]
    omitted: tuple[OmittedLine, ...] = ()  # what is in no scene: the title page, notes
    notes: tuple[str, ...] = ()  # what was wrong with answers of the model

    @property
    def script_scenes(self) -> tuple[ScriptScene, ...]:
        """The scenes that have a panel, as a production has them."""
        kept = ("scene", "number", "sequence", "lines", "panels")
        return tuple(
            ScriptScene(**{name: getattr(scene, name) for name in kept})
            for scene in self.scenes
            if scene.panels
        )

    @property
    def panels(self) -> tuple[PanelCard, ...]:
        """The panels of all scenes."""
        return tuple(panel for scene in self.scenes for panel in scene.panels)

    @property
    def all_omitted(self) -> tuple[OmittedLine, ...]:
        """Every line that is in no panel, in the order of the script."""
        found = [one for scene in self.scenes for one in (*scene.heading_omitted, *scene.omitted)]
        return tuple(sorted([*self.omitted, *found], key=lambda one: one.line))
