"""Record which runs use a detector, so that the last one releases it.

Runs of one production share its detectors. A run joins before it reads a detector's state. A run
that leaves announces it before it looks for other users, and a run that joins meanwhile waits for
it to finish. So one of the two always sees the other, and no run adopts a detector that another is
about to stop or delete. A killed run counts as a user until its lease ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.detection.detector_facts import DetectorUser
from storyboard_ops.domain.error_tree import NotFinished, ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri, is_run_key
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox

USING, LEAVING = "users", "leaving"
#: Longest time that leaving takes, including the wait for models to be deleted.
LEAVING_SECONDS = 1_500


def join(tools: ToolBox[MoneySection], detector: str) -> None:
    """Record that this run uses a detector from now on; joining again renews the lease.

    No other run stops or deletes the detector while this run uses it. Raises NotFinished when
    another run does not finish leaving it.
    """
    _record_user(tools, detector, USING, timedelta(hours=tools.settings.lease_h))
    if not wait_until(lambda: not _others(tools, detector, LEAVING), LEAVING_SECONDS):
        raise NotFinished(
            f"{', '.join(_others(tools, detector, LEAVING))} is still releasing {detector}; "
            "clear prepare_detectors to keep waiting."
        )


@contextmanager
def leaving(tools: ToolBox[MoneySection], detector: str) -> Iterator[list[str]]:
    """Stop using a detector; yields the run keys of its other users.

    No run can join inside the block, so the detector can be stopped or deleted there.
    """
    _record_user(tools, detector, LEAVING, timedelta(seconds=LEAVING_SECONDS))
    try:
        tools.objects.delete([_place(tools, detector, USING)])
        yield other_users(tools, detector)
    finally:
        tools.objects.delete([_place(tools, detector, LEAVING)])


def other_users(tools: ToolBox[MoneySection], detector: str) -> list[str]:
    """Return the run keys of the other runs that use a detector."""
    return _others(tools, detector, USING)


def user_keys(tools: ToolBox[MoneySection], detector: str) -> list[str]:
    """Return the run keys of all users of a detector, also of killed runs whose lease is over."""
    found = tools.objects.list(tools.workspace.detector(detector) / f"{USING}/")
    keys = [head.uri.name.removesuffix(".json") for head in found]
    return [key for key in keys if is_run_key(key)]


def _record_user(
    tools: ToolBox[MoneySection], detector: str, what: str, lasting: timedelta
) -> None:
    user = DetectorUser(run_key=tools.run_key, expires_at=iso(tools.clock() + lasting))
    place = _place(tools, detector, what)
    tools.objects.put(place, canonical_json(user).encode(), "application/json")


def _others(tools: ToolBox[MoneySection], detector: str, what: str) -> list[str]:
    users = []
    for head in tools.objects.list(tools.workspace.detector(detector) / f"{what}/"):
        with suppress(ObjectMissing):  # deleted by its run since the listing
            users.append(tools.objects.record(head.uri, DetectorUser))
    return [
        user.run_key
        for user in users
        if user.run_key != tools.run_key and datetime.fromisoformat(user.expires_at) > tools.clock()
    ]


def _place(tools: ToolBox[MoneySection], detector: str, what: str) -> S3Uri:
    return tools.workspace.detector(detector) / f"{what}/{tools.run_key}.json"
