"""The Airflow pool of the tasks that call detectors: how many run at once, over all runs.

Components of Airflow create it when they start, so that it exists wherever the plugin is installed:
Airflow never schedules a task whose pool is missing, and no task can look. It is only created, so
that slots that were changed in Airflow stay as they are.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

POOL = "storyboard_detection"
#: Sets the slots of a pool that does not exist yet, for Airflow's components; for workers, by how
#: many a task divides the rate of the account at first.
SLOTS_VARIABLE = "STORYBOARD_DETECTION_SLOTS"
SLOTS = 4
DESCRIPTION = "Tasks that call detectors: they share the account's calls per second."


def detection_slots() -> int:
    """Return how many tasks call detectors at once; at least 1."""
    given = os.environ.get(SLOTS_VARIABLE, "").strip()
    return max(1, int(given)) if given.isdecimal() else SLOTS


def create_missing_pool(component: Any) -> None:
    """Create the pool when a component with a database starts and it does not exist.

    ``component``: what Airflow says is starting. A scheduler, triggerer or DAG processor is a
    ``Job``, which has no type yet at that moment; a task is none, and has no database.
    """
    jobs = sys.modules.get("airflow.jobs.job")
    if jobs is None or not isinstance(component, jobs.Job):
        return
    # Imported here, because tasks import this module and have no database.
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy.exc import IntegrityError

    with suppress(IntegrityError), create_session() as session:  # another component was first
        if Pool.get_pool(POOL, session=session) is None:
            Pool.create_or_update_pool(
                POOL, detection_slots(), DESCRIPTION, include_deferred=False, session=session
            )
