"""Which runs are using a detector: the last one to leave turns off the light.

Runs of one production share its detectors. A run joins before it looks at a detector. A run that is
done says so before it looks for others, and whoever joins while it lets go waits until it has: of
two that meet, one sees the other, so no run takes up a detector that another is about to stop or
delete. A run that was killed counts until its lease is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.detection.detector_facts import DetectorUser
from storyboard_ops.domain.error_tree import NotFinished, ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.run.interfaces import PayingRun
from storyboard_ops.steps.run.service_wait import wait_until

USING, LEAVING = "users", "leaving"
#: Longest time that letting go takes: models are waited for until they are deleted.
LEAVING_SECONDS = 1_500


def join(tools: PayingRun, detector: str) -> None:
    """Say that this run uses a detector from now on; saying it again renews the lease.

    What is seen of the detector afterwards stays so while this run uses it. Raises NotFinished
    when another run does not finish letting go of it.
    """
    _say(tools, detector, USING, timedelta(hours=tools.settings.lease_h))
    if not wait_until(lambda: not _others(tools, detector, LEAVING), LEAVING_SECONDS):
        raise NotFinished(
            f"{', '.join(_others(tools, detector, LEAVING))} is still letting go of {detector}; "
            "clear prepare_detectors to wait on."
        )


@contextmanager
def letting_go(tools: PayingRun, detector: str) -> Iterator[list[str]]:
    """Be done with a detector; gives the run keys of those who are not.

    Nobody takes it up while the block lasts, so that it can be stopped or deleted in there.
    """
    _say(tools, detector, LEAVING, timedelta(seconds=LEAVING_SECONDS))
    try:
        tools.objects.delete([_place(tools, detector, USING)])
        yield other_users(tools, detector)
    finally:
        tools.objects.delete([_place(tools, detector, LEAVING)])


def other_users(tools: PayingRun, detector: str) -> list[str]:
    """Run keys of the other runs that use a detector."""
    return _others(tools, detector, USING)


def _say(tools: PayingRun, detector: str, what: str, lasting: timedelta) -> None:
    user = DetectorUser(run_key=tools.run_key, expires_at=iso(tools.clock() + lasting))
    place = _place(tools, detector, what)
    tools.objects.put(place, canonical_json(user).encode(), "application/json")


def _others(tools: PayingRun, detector: str, what: str) -> list[str]:
    users = []
    for head in tools.objects.list(tools.workspace.detector(detector) / f"{what}/"):
        with suppress(ObjectMissing):  # since it was listed that run has taken it back
            users.append(DetectorUser.model_validate_json(tools.objects.get(head.uri)))
    return [
        user.run_key
        for user in users
        if user.run_key != tools.run_key and datetime.fromisoformat(user.expires_at) > tools.clock()
    ]


def _place(tools: PayingRun, detector: str, what: str) -> S3Uri:
    return tools.workspace.detector(detector) / f"{what}/{tools.run_key}.json"
