"""Record of a run that has begun and not released everything yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from storyboard_ops.domain.base_record import Record


class RunUnderWay(Record):
    """When a run should have ended: by its estimate, plus the time that people took."""

    run_key: str
    dag_id: str
    run_id: str
    production: str
    began_at: datetime
    hours: float  # of work, as estimated before it began
    waited_hours: float = 0.0  # for people, in waits that have ended
    waiting_in: str = ""  # task that waits for people now; empty: none does
    waiting_since: datetime | None = None
    reported_late: bool = False

    @property
    def expected_end(self) -> datetime:
        """When it should have ended; while it waits for people, it is not known better."""
        return self.began_at + timedelta(hours=self.hours + self.waited_hours)

    def is_late(self, now: datetime) -> bool:
        """Return whether it takes longer than estimated; a wait for people does not count."""
        return self.waiting_since is None and now > self.expected_end

    def begin_wait(self, task: str, now: datetime) -> RunUnderWay:
        """Return the record of a run that waits for people from now on."""
        if self.waiting_in == task:  # the task was started again
            return self
        return self.model_copy(update={"waiting_in": task, "waiting_since": now})

    def end_wait(self, now: datetime) -> RunUnderWay:
        """Return the record of a run that works again."""
        if self.waiting_since is None:
            return self
        waited = self.waited_hours + (now - self.waiting_since) / timedelta(hours=1)
        update = {"waited_hours": waited, "waiting_in": "", "waiting_since": None}
        return self.model_copy(update=update)
