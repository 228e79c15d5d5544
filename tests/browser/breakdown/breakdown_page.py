"""A driver for the breakdown page: a breakdown of a script, and what the page shows of it."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.preflight.check_preflight import preflight_report
from storyboard_ops.steps.storyboard.breakdown.break_down import break_down_script
from storyboard_ops.steps.storyboard.breakdown.desk import BreakdownDesk, open_breakdown_desk
from tests.browser.board_page import BoardPage
from tests.films.tiny_film import tiny_production
from tests.material.approved_runs import started
from tests.studio.studio_fixture import Studio

SCRIPT = """\
INT. LIGHTHOUSE - NIGHT

Mira lifts the lamp. It will not burn.

BRAM (O.S.)
Who is there?

Mira shakes it.

EXT. QUAY - DAY

A boat lands.

[[Which boat?]]

Mira waves.
"""


def broken_down(studio: Studio, script: str = SCRIPT, key: str = "draw-1", **params: Any) -> Any:
    """The tool box of a run whose script is broken down and waits for people."""
    s3 = studio.client("s3")
    s3.put_object(Bucket=studio.bucket, Key="scripts/a.fountain", Body=script.encode())
    given = {
        "production": tiny_production(studio),
        "script": f"s3://{studio.bucket}/scripts/a.fountain",
        **params,
    }
    tools = started(studio.tools_of(DrawingSettings, key, **given))
    tools.write_record(PREFLIGHT, preflight_report(tools).model_copy(update={"checks": ()}))
    break_down_script(tools)
    return tools


def open_desk(studio: Studio, script: str = SCRIPT, **params: Any) -> BreakdownDesk:
    """The desk of such a run."""
    return open_breakdown_desk(broken_down(studio, script, **params))


class BreakdownPage(BoardPage):
    """One open page."""

    def panels(self, scene: int) -> list[str]:
        """The descriptions of a scene's panels."""
        rows = self.page.locator(".card.scene").nth(scene).locator(".panel-row .description")
        return list(rows.all_inner_texts())

    def numbers(self, scene: int) -> list[str]:
        rows = self.page.locator(".card.scene").nth(scene).locator(".panel-row .number")
        return list(rows.all_inner_texts())

    def loose(self) -> list[str]:
        """The script's lines that are in no panel."""
        return list(self.page.locator(".unit.loose .line-text").all_inner_texts())

    def left_out(self) -> list[str]:
        return list(self.page.locator(".unit.left-out .line-text").all_inner_texts())

    def choose(self, text: str) -> None:
        """Press a choice of the open sheet."""
        self.page.locator("dialog.sheet .choices button", has_text=text).first.click()
