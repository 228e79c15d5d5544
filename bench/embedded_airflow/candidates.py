"""The ways to run Airflow that are compared, and the DAGs that they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MAPPED_TASKS = 50
DEFERRED_TASKS = 20

DAGS = f"""
import asyncio
from airflow.sdk import BaseOperator, dag, task
from storyboard_bench_trigger import Pause

class Wait(BaseOperator):
    def execute(self, context):
        self.defer(trigger=Pause(seconds=5.0), method_name="resume")
    def resume(self, context, event):
        return event

@dag(schedule=None)
def mapped():
    @task
    def work(number: int) -> int:
        return number
    work.expand(number=list(range({MAPPED_TASKS})))

@dag(schedule=None)
def deferring():
    for number in range({DEFERRED_TASKS}):
        Wait(task_id=f"wait_{{number}}")

@dag(schedule=None)
def short():
    @task
    def work(number: int) -> int:
        return number
    work(work(work(1)))

mapped()
deferring()
short()
"""

TRIGGER = """
import asyncio
from airflow.triggers.base import BaseTrigger, TriggerEvent

class Pause(BaseTrigger):
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
    def serialize(self):
        return ("storyboard_bench_trigger.Pause", {"seconds": self.seconds})
    async def run(self):
        await asyncio.sleep(self.seconds)
        yield TriggerEvent(self.seconds)
"""

#: Own processes with two API servers or one, or `airflow standalone`.
Processes = Literal["two APIs", "one API", "standalone"]


@dataclass(frozen=True)
class Candidate:
    """One way to run Airflow on one machine."""

    name: str
    database: str
    parallelism: int
    processes: Processes = "two APIs"


CANDIDATES = (
    Candidate("sqlite-2", "sqlite", 2),
    Candidate("sqlite-4", "sqlite", 4),
    Candidate("sqlite-4-one-api", "sqlite", 4, "one API"),
    Candidate("sqlite-4-standalone", "sqlite", 4, "standalone"),
    Candidate("sqlite-32-one-api", "sqlite", 32, "one API"),
    Candidate("postgres-4", "postgres", 4, "one API"),
    Candidate("postgres-8", "postgres", 8, "one API"),
)
