"""How a run lets go of its detectors: kept, transferred, deleted, or left to end by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from storyboard_ops.domain.utc_time import iso, iso_millis
from storyboard_ops.steps.detection import settle
from storyboard_ops.steps.money.claims import claims, receipt_lines
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=90)


@dataclass
class Rekognition:
    """A face collection and a project with models in these states, and what was deleted."""

    states: list[str] = field(default_factory=list)
    is_there: bool = True
    others: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    booked: list[str] = field(default_factory=list)

    def find_collection(self, name: str) -> Any:
        return SimpleNamespace(arn=f"arn:{name}") if self.is_there else None

    find_project = find_collection

    def delete_collection(self, name: str) -> None:
        self.deleted.append(name)

    def versions(self, _arn: str) -> list[Any]:
        return [SimpleNamespace(arn=f"v{n}", status=state) for n, state in enumerate(self.states)]

    def delete_version(self, arn: str) -> None:
        self.deleted.append(arn)
        self.states = []

    def delete_project(self, arn: str) -> None:
        self.deleted.append(arn)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Rekognition:
    account = Rekognition()

    @contextmanager
    def leaving(_tools: ToolBox, _name: str) -> Iterator[list[str]]:
        yield account.others

    monkeypatch.setattr(settle, "RekognitionFaces", lambda _: account)
    monkeypatch.setattr(settle, "RekognitionCustom", lambda _: account)
    monkeypatch.setattr(settle, "leaving", leaving)
    monkeypatch.setattr(
        settle, "book_training", lambda _, version: account.booked.append(version.arn)
    )
    return account


def tools(keep_model: bool) -> ToolBox:
    services = {"s3": MemoryBucket(), "rekognition": None}
    settings = factories.settings(keep_model=keep_model)
    return ToolBox("run-1", settings, services.__getitem__, lambda: LATER)


def claimed(kind: ClaimKind, **changes: Any) -> Claim:
    return Claim(
        **{
            "kind": kind,
            "name": "film",
            "owner": "run-1",
            "claimed_at": iso_millis(NOON),
            **changes,
        }
    )


def settled(kind: ClaimKind, keep_model: bool = False, **changes: Any) -> PaidResource | None:
    """The line of the receipt, if there is one."""
    box = tools(keep_model)
    free = {"face collection": settle.settle_collection}.get(kind, settle.settle_custom_model)
    free(box, claimed(kind, **changes))
    return next(iter(receipt_lines(box)), None)


def test_a_collection_that_nobody_uses_is_deleted(account: Rekognition) -> None:
    line = settled("face collection")
    assert line is not None
    assert account.deleted == ["film"]
    assert (line.deleted_at, line.kept, line.bills, line.note) == (iso(LATER), False, False, "")
    assert (line.hours, line.arn, line.created_at) == (1.5, "arn:film", iso_millis(NOON))


def test_a_collection_is_kept_for_the_next_run(account: Rekognition) -> None:
    line = settled("face collection", keep_model=True)
    assert line is not None
    assert account.deleted == []
    assert (line.deleted_at, line.kept) == ("", True)
    assert line.note == (
        "kept on purpose (keep_model) for the next run; storage of a face costs 0.00001 USD a month"
    )


def test_a_collection_that_others_use_is_handed_on_to_the_first(account: Rekognition) -> None:
    account.others = ["run-2", "run-3"]
    box = tools(keep_model=False)
    settle.settle_collection(box, claimed("face collection"))
    (line,) = receipt_lines(box)
    assert account.deleted == []
    assert line.note.startswith("in use by run-2, run-3, transferred to run-2; ")
    other = ToolBox("run-2", box.settings, box.clients, box.clock)
    assert [(one.name, one.made_by) for one in claims(other)] == [("film", "run-1")]


@pytest.mark.parametrize(("is_there", "begun"), [(False, True), (True, False)])
def test_a_collection_that_is_gone_or_was_only_to_be_joined_is_no_line(
    account: Rekognition, is_there: bool, begun: bool
) -> None:
    account.is_there = is_there
    assert settled("face collection", begun=begun) is None
    assert account.deleted == []


def test_a_project_at_rest_is_deleted_with_its_models(account: Rekognition) -> None:
    account.states = ["STOPPED"]
    line = settled("custom labels model")
    assert line is not None
    assert account.deleted == ["v0", "arn:film"]
    assert account.booked == ["v0"]
    assert (line.deleted_at, line.kept) == (iso(LATER), False)


def test_a_model_that_another_run_has_trained_is_not_booked_again(account: Rekognition) -> None:
    account.states = ["STOPPED"]
    settled("custom labels model", made_by="run-0")
    assert account.booked == []


def test_a_project_that_is_gone_is_no_line(account: Rekognition) -> None:
    account.is_there = False
    assert settled("custom labels model") is None


def test_a_training_is_left_to_end_by_itself(account: Rekognition) -> None:
    account.states = ["TRAINING_IN_PROGRESS"]
    line = settled("custom labels model")
    assert line is not None
    assert account.deleted == []
    assert line.note == (
        "its training goes on and cannot be stopped; it ends by itself and is billed once; "
        "costs nothing unless it runs"
    )


def test_a_model_that_runs_is_a_failure_unless_it_is_kept(account: Rekognition) -> None:
    account.states = ["RUNNING"]
    with pytest.raises(ReleaseFailed, match="arn:film has a model that still runs"):
        settled("custom labels model")
    line = settled("custom labels model", keep_model=True)
    assert line is not None
    assert (line.kept, account.deleted) == (True, [])


@pytest.mark.parametrize("state", ["STOPPING", "DELETING"])
def test_models_that_do_not_go_in_time_are_a_failure(
    account: Rekognition, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(settle, "DELETE_SECONDS", 0)
    account.states = [state]
    with pytest.raises(ReleaseFailed, match="could not be deleted within 0 s"):
        settle.delete_project(account, SimpleNamespace(arn="arn:film"))
    assert account.deleted == []


def test_a_project_whose_model_stays_is_not_deleted(
    account: Rekognition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "DELETE_SECONDS", 0)
    monkeypatch.setattr(account, "delete_version", account.deleted.append)
    account.states = ["STOPPED"]
    with pytest.raises(ReleaseFailed):
        settle.delete_project(account, SimpleNamespace(arn="arn:film"))
    assert account.deleted == ["v0"]


def test_models_are_given_ten_minutes_to_come_to_rest_and_ten_to_go(
    account: Rekognition, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def wait_until(done: Callable[[], bool], seconds: float) -> bool:
        waits.append(seconds)
        return done()

    monkeypatch.setattr(settle, "wait_until", wait_until)
    account.states = ["STOPPED", "TRAINING_COMPLETED"]
    settled("custom labels model")
    assert waits == [600, 600]
    assert account.deleted == ["v0", "v1", "arn:film"]
