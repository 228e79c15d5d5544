"""Open the tool box of an earlier run."""

from __future__ import annotations

from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import recorded_settings
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.tool_box import ToolBox


def tools_of_run(workspace: Workspace, clients: Clients, run: str) -> ToolBox | None:
    """Return the tool box of an earlier run; None when it never passed preflight."""
    settings = settings_of_run(workspace, ObjectStore(clients("s3")), run)
    if settings is None:
        return None
    # The settings of a moved workspace still have its old name.
    moved = settings.model_copy(update={"workspace": str(workspace.root)})
    return ToolBox(run, moved, clients)


def settings_of_run(workspace: Workspace, objects: ObjectStore, run: str) -> CommonSettings | None:
    """Return the settings that a run's preflight recorded; None before it has passed."""
    place = workspace.run(run) / "settings.json"
    if objects.head(place) is None:
        return None
    return recorded_settings(objects.json(place))
