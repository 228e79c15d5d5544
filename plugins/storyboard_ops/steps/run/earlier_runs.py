"""Opens the tools of a run that is over."""

from __future__ import annotations

from dataclasses import replace

from pydantic import TypeAdapter

from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.settings.model import DrawingSettings, RetrainingSettings
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.tool_box import Clients, ToolBox

_SETTINGS: TypeAdapter[RunSettings] = TypeAdapter(
    RunSettings | RetrainingSettings | DrawingSettings
)


def tools_of_run(workspace: Workspace, clients: Clients, run: str) -> ToolBox | None:
    """The tool box of an earlier run; None when it never got through preflight."""
    objects, place = ObjectStore(clients("s3")), workspace.run(run) / "settings.json"
    if objects.head(place) is None:
        return None
    tools = ToolBox(run, _SETTINGS.validate_json(objects.get(place)), clients)
    # A workspace that was moved keeps its old name in the settings.
    moved = tools.settings.model_copy(update={"workspace": str(workspace.root)})
    return replace(tools, settings=moved)
