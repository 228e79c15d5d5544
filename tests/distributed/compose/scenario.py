"""Ten films in one run, and ten runs at once: what is started, and what it leaves behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import requests

from launcher.embedded.client import AirflowClient, TaskState
from launcher.state.layout import Project
from storyboard_ops.domain.object_keys import run_key
from tests.distributed.model_runs import ENDED, until
from tests.films.short_film import SECONDS, short_film
from tests.studio.studio_fixture import QUICK, Studio

DAG_ID = "train_character_model"
SMALL = {**QUICK, "sample_interval_s": 1}
RUN_SECONDS = 3600
PARSE_SECONDS = 600


@dataclass(frozen=True)
class Scenario:
    """Runs that are started at once, all of them on the same films."""

    run_ids: tuple[str, ...]
    films: tuple[Path, ...]
    settings: Mapping[str, Any] = field(default_factory=lambda: SMALL)

    def first(self) -> Scenario:
        """The first run alone."""
        return replace(self, run_ids=self.run_ids[:1])

    def start(self, client: AirflowClient, studio: Studio) -> None:
        """Upload the films and trigger every run."""
        until(
            lambda: client.get_last_parsed(DAG_ID) is not None, "the DAG is parsed", PARSE_SECONDS
        )
        client.unpause(DAG_ID)
        conf = {
            **self.settings,
            "workspace": f"s3://{studio.bucket}",
            "production": "paper-lantern",
            "videos": [studio.upload(film) for film in self.films],
            "review_desk": "without_people",
            "keep_model": False,
        }
        for run_id in self.run_ids:
            _trigger(client, run_id, conf)

    def tasks(self, client: AirflowClient) -> list[TaskState]:
        """The tasks of all runs."""
        return [task for run in self.run_ids for task in client.list_task_states(DAG_ID, run)]

    def states(self, client: AirflowClient) -> dict[str, str]:
        """The state of each run."""
        return {run_id: client.get_run_state(DAG_ID, run_id) for run_id in self.run_ids}

    def end(self, client: AirflowClient) -> dict[str, str]:
        """Wait for all runs; return the state in which each ends."""
        has_ended = partial(self._has_ended, client)
        until(has_ended, f"{', '.join(self.run_ids)} end", RUN_SECONDS)
        return self.states(client)

    def _has_ended(self, client: AirflowClient) -> bool:
        return set(self.states(client).values()) <= ENDED

    def datasets(self, studio: Studio) -> dict[str, dict[str, bytes]]:
        """Every object of each run's dataset by its key within it, with RUN for the run's key.

        The page that compares it with an earlier dataset is left out: only some runs have one.
        """
        found = {}
        for run_id in self.run_ids:
            key = run_key(DAG_ID, run_id)
            objects = dict(_objects(studio, f"runs/{key}/dataset/"))
            objects.pop("diff.html", None)
            found[run_id] = {
                name: body.replace(key.encode(), b"RUN") for name, body in objects.items()
            }
        return found


def ten_films_in_one_run(folder: Path) -> Scenario:
    """One run; each film shows two moments of the sample film that no other shows."""
    moments = [(4 + 6 * number, 7 + 6 * number) for number in range(10)]
    films = (short_film(folder / f"film-{n}.mp4", shown) for n, shown in enumerate(moments))
    return Scenario(("ten-films",), tuple(films))


def ten_runs_at_once(folder: Path) -> Scenario:
    """Ten runs on one film, which share what they buy for it."""
    run_ids = tuple(f"at-once-{number}" for number in range(10))
    return Scenario(run_ids, (short_film(folder / "shared.mp4", SECONDS[:8]),))


def sample_film_run() -> Scenario:
    """What `make demo` runs, without the reviewer."""
    return Scenario(("demo",), (Project().sample_film,), settings={})


def failed_tasks(scenario: Scenario, client: AirflowClient) -> set[str]:
    """The tasks at which runs have failed."""
    return {task.task_id for task in scenario.tasks(client) if task.state == "failed"}


def _trigger(client: AirflowClient, run_id: str, conf: Mapping[str, Any]) -> None:
    """Trigger a run unless an earlier request, whose answer was late, has done so."""
    try:
        client.trigger(DAG_ID, run_id, conf)
    except requests.HTTPError as error:
        if error.response.status_code != requests.codes.conflict:
            raise


def _objects(studio: Studio, prefix: str) -> Iterator[tuple[str, bytes]]:
    s3 = studio.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=studio.bucket, Prefix=prefix)
    for listed in (one for page in pages for one in page.get("Contents", ())):
        body = s3.get_object(Bucket=studio.bucket, Key=listed["Key"])["Body"].read()
        yield listed["Key"].removeprefix(prefix), body


def bought(studio: Studio) -> Counter[str]:
    """How much calls have bought, by line of the bill; of what bills by the hour, how many."""
    found: Counter[str] = Counter()
    for line in studio.endpoint.purchases():
        hourly = "hour" in line["unit"]  # the resource has a name of its own
        name = (line["service"], line["item"], line["unit"], "" if hourly else line["resource"])
        found[" ".join(filter(None, name))] += 1 if hourly else int(line["quantity"])
    return found
