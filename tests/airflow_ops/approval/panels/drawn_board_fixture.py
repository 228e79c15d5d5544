"""A run whose panels people choose, and what they send to its board over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.production_sheet import Production
from tests.airflow_ops.approval.api_server_fixture import DAG_ID, ApiServer, RunPages
from tests.airflow_ops.approval.open_review_fixture import add_run
from tests.material.drawn.boards import draw_board
from tests.studio.studio_fixture import Studio


class DrawnBoard(RunPages):
    """A run in Airflow's database that has drawn its storyboard, and its addresses."""

    place = "panels/"

    def __init__(
        self, server: ApiServer, studio: Studio, production: Production | None = None, **more: Any
    ) -> None:
        self.server = server
        self.studio = studio
        self.run_id = f"manual__{uuid.uuid4()}"
        key = run_key(DAG_ID, self.run_id)
        self.tools = studio.tools(key, review_desk="page", candidates=3, **more)
        self.panels = draw_board(self.tools, production, approved=2)
        add_run(self.run_id, f"s3://{studio.bucket}")

    def choice(self, panel: int, place: int, based_on: int = 0) -> dict[str, Any]:
        """One save: a candidate of a panel, both counted from 1."""
        drawn = self.panels[panel - 1]
        made = {
            "panel_id": drawn.key,
            "based_on": based_on,
            "decision": "choose",
            "candidate": drawn.candidates[place - 1].sha256,
        }
        return {"id": str(uuid.uuid4()), "choices": [made]}
