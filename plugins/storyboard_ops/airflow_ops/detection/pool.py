"""The Airflow pool of the tasks that call detectors: how many run at once, over all runs.

The scheduler creates it when it starts, so that it exists wherever the plugin is installed: Airflow
never schedules a task whose pool is missing, and no task can look. It is only created, so that
slots that were changed in Airflow stay as they are.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

POOL = "storyboard_detection"
#: Sets the slots of a pool that does not exist yet, for the scheduler, and by how many a task
#: divides the rate of the account at first, for the workers.
SLOTS_VARIABLE = "STORYBOARD_DETECTION_SLOTS"
SLOTS = 4
DESCRIPTION = "Tasks that call detectors: they share the account's calls per second."


def detection_slots() -> int:
    """Return how many tasks call detectors at once; at least 1."""
    given = os.environ.get(SLOTS_VARIABLE, "").strip()
    return max(1, int(given)) if given.isdecimal() else SLOTS


def create_missing_pool(component: Any) -> None:
    """Create the pool when a scheduler starts and it does not exist.

    ``component``: the job of Airflow that starts.
    """
    if getattr(component, "job_type", "") != "SchedulerJob":
        return
    # Imported here, because tasks import this module and have no database.
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy.exc import IntegrityError

    with suppress(IntegrityError), create_session() as session:  # another scheduler was first
        if Pool.get_pool(POOL, session=session) is None:
            Pool.create_or_update_pool(
                POOL, detection_slots(), DESCRIPTION, include_deferred=False, session=session
            )
