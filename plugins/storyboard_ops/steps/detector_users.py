"""Which runs are using a detector: the last one to leave turns off the light.

Runs of one production share its detectors. A run that is done leaves first and looks for others
afterwards, so that of two that leave at once at least one sees nobody. A run that was killed counts
until its lease is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.detector_facts import DetectorUser
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.tool_box import ToolBox


def join(tools: ToolBox, detector: str) -> None:
    """Say that this run uses a detector from now on; saying it again renews the lease."""
    expires = iso(tools.clock() + timedelta(hours=tools.settings.lease_h))
    user = DetectorUser(run_key=tools.run_key, expires_at=expires)
    tools.objects.put(_place(tools, detector), canonical_json(user).encode(), "application/json")


def leave(tools: ToolBox, detector: str) -> list[str]:
    """Say that this run is done with a detector; returns the run keys of those who are not."""
    tools.objects.delete([_place(tools, detector)])
    return other_users(tools, detector)


def other_users(tools: ToolBox, detector: str) -> list[str]:
    """Run keys of the other runs that use a detector."""
    found = tools.objects.list(tools.workspace.detector(detector) / "users/")
    users = [DetectorUser.model_validate_json(tools.objects.get(head.uri)) for head in found]
    return [
        user.run_key
        for user in users
        if user.run_key != tools.run_key and datetime.fromisoformat(user.expires_at) > tools.clock()
    ]


def _place(tools: ToolBox, detector: str) -> S3Uri:
    return tools.workspace.detector(detector) / f"users/{tools.run_key}.json"
