"""Open the tool box of an earlier run."""

from __future__ import annotations

from storyboard_ops.domain.bounded_text import short_repr
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.object_keys import Workspace, run_keys
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import recorded_settings
from storyboard_ops.domain.suggestions import did_you_mean
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.tool_box import ToolBox

#: Runs that a message lists.
MOST_LISTED = 5


def find_run(workspace: Workspace, objects: ObjectStore, name: str) -> str:
    """Return the key of an earlier run; raises BadInput with the names of some when there is none.

    ``name``: its key, which is the name of its folder, or its id as Airflow writes it.
    """
    for key in run_keys(name):
        if objects.head(workspace.run(key) / "settings.json") is not None:
            return key
    if not objects.bucket_exists(workspace.root.bucket):
        raise BadInput(
            f"There is no bucket {workspace.root.bucket}, or it may not be read. Correct the "
            "workspace: --workspace s3://bucket/prefix."
        )
    known = list(objects.folders(workspace.runs))
    listed = f"The last of its {len(known)} runs are: {', '.join(known[-MOST_LISTED:])}."
    raise BadInput(
        f"There is no run {short_repr(name)} in {workspace.root}.{did_you_mean(name, known)} Give "
        "the id that Airflow shows, or the name of a folder in its runs/. "
        f"{listed if known else 'It has no run yet.'}"
    )


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
