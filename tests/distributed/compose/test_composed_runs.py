"""The compose file, run unchanged, and runs through the crash of each of its containers.

What a run leaves must be what it leaves on one machine, in peace, but for the fields named here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.distributed.compose.composed import Composed, composed, missing
from tests.distributed.compose.one_machine import Outcome, outcomes_on_one_machine
from tests.distributed.compose.scenario import (
    Scenario,
    bought,
    failed_tasks,
    sample_film_run,
    ten_films_in_one_run,
    ten_runs_at_once,
)
from tests.distributed.differences import DIFFERING, differing_fields
from tests.distributed.model_runs import ENDED, until

pytestmark = pytest.mark.compose

#: A run is long enough to be disturbed nine times.
SLOW = ("--customization-seconds", "60", "--throughput-seconds", "10", "--answer-delay-ms", "50")
BEGIN_SECONDS = 1200
#: Of runs with other names than the one they are compared with, also the digests of what has it.
DIFFERING_AT_ONCE = {
    "README.md": [*DIFFERING["README.md"], "labels.jsonl", "train.jsonl"],
    "candidates.jsonl": ["input_digest"],
    "card.json": [*DIFFERING["card.json"], "files.labels.jsonl", "files.train.jsonl"],
    "lineage.csv": ["reviewed_at"],
}
#: AWS knows no tokens for these: an answer that a crash loses is bought again, once.
WITHOUT_TOKEN = ("Converse", "InvokeModel")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := missing():
        pytest.skip(reason)
    return tmp_path_factory.mktemp("compose")


@pytest.fixture(scope="module")
def ten_films(folder: Path) -> Scenario:
    return ten_films_in_one_run(folder)


@pytest.fixture(scope="module")
def ten_runs(folder: Path) -> Scenario:
    return ten_runs_at_once(folder)


@pytest.fixture(scope="module")
def peaceful(folder: Path, ten_films: Scenario, ten_runs: Scenario) -> list[Outcome]:
    """What the ten films and the first of the ten runs leave on one machine."""
    return outcomes_on_one_machine(folder, [ten_films, ten_runs.first()])


@pytest.fixture(scope="module")
def stack(folder: Path, peaceful: list[Outcome]) -> Iterator[Composed]:
    """The containers, started when the one machine has stopped."""
    with composed(folder, *SLOW) as running:
        yield running


def test_the_sample_film_becomes_a_storyboard_on_two_workers(stack):
    """As docs/compose.md starts the demo."""
    demo = sample_film_run()
    demo.start(stack.client, stack.studio)
    assert demo.end(stack.client) == {"demo": "success"}
    assert stack.working_workers() == {"worker-1", "worker-2"}


def test_ten_films_in_one_run_outlive_every_container(stack, ten_films, peaceful, capsys):
    expected, _ = peaceful
    found = disturbed(stack, ten_films, stack.containers(), capsys)
    assert failed_tasks(ten_films, stack.client) == set()
    assert differences(found, expected) == [DIFFERING]
    assert_paid_once(stack, found.bought, expected.bought, capsys)
    for line in expected.bought.keys() - set(answers(expected.bought)):
        assert found.bought[line] == expected.bought[line], "a training or a capacity"


def test_ten_runs_at_once_outlive_every_container(stack, ten_runs, peaceful, capsys):
    """Each leaves what it leaves alone, and what they share for their film is bought once."""
    _, alone = peaceful
    found = disturbed(stack, ten_runs, stack.containers()[::-1], capsys)
    assert failed_tasks(ten_runs, stack.client) == set()
    for differing in differences(found, alone):
        for name, fields in differing.items():
            assert set(fields) <= set(DIFFERING_AT_ONCE.get(name, ())), name
    assert_paid_once(stack, found.bought, alone.bought, capsys)


def test_the_image_is_slim(stack):
    assert stack.size_above_base() < 750e6


def disturbed(
    stack: Composed, scenario: Scenario, containers: list[str], capsys: pytest.CaptureFixture[str]
) -> Outcome:
    """Crash the containers one after the other while the scenario runs, and wait for its end."""
    before = bought(stack.studio)
    scenario.start(stack.client, stack.studio)
    recovered = {}
    for container in containers:
        since = datetime.now(UTC)
        until(partial(is_working, stack, scenario, since), "a task begins", BEGIN_SECONDS)
        recovered[container] = round(stack.crash(container), 1)
    states = scenario.end(stack.client)
    tell(capsys, f"seconds until a crashed container was healthy again: {recovered}; {states}")
    return Outcome(scenario.datasets(stack.studio), bought(stack.studio) - before)


def is_working(stack: Composed, scenario: Scenario, since: datetime) -> bool:
    """Whether work goes on: a task has begun since then, and a run has not ended."""
    assert not ENDED.issuperset(scenario.states(stack.client).values()), "too late to crash"
    return any(task.start and task.start > since for task in scenario.tasks(stack.client))


def differences(found: Outcome, expected: Outcome) -> list[dict[str, list[str]]]:
    """The differing fields of each run; of those expected, there is the same or one for all."""
    [*expected_ones] = expected.datasets.values()
    return [differing_fields(dataset, expected_ones[0]) for dataset in found.datasets.values()]


def answers(lines: Counter[str]) -> list[str]:
    """The lines of the bill for answers of models."""
    return [line for line in lines if any(call in line for call in WITHOUT_TOKEN)]


def assert_paid_once(
    stack: Composed,
    found: Counter[str],
    expected: Counter[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every answer is bought, here or by an earlier run, and again only where a crash has lost it.

    Runs share what they buy: embeddings of the reference pictures are those of the first run.
    """
    tell(capsys, f"bought: {dict(found)}; in peace: {dict(expected)}")
    ever = bought(stack.studio)
    for line in answers(expected):
        assert expected[line] <= ever[line], line
        assert found[line] <= 2 * expected[line], line


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}")  # noqa: T201
