"""Narrow interfaces of a run, one for each group of steps; ToolBox implements them.

A step that takes one of them declares what it depends on, and a test can pass something smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.sampling.film_spans import Tombstones
from storyboard_ops.domain.settings.films import FilmSettings, SamplingSection
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.storage.answer_store import AnswerStore
from storyboard_ops.gateways.storage.object_store import ManifestStore, ObjectStore

R = TypeVar("R", bound=Record)


class Clients(Protocol):
    """Makes boto3 clients: from Airflow's connection in a task, from plain boto3 in a test."""

    def __call__(self, service: str) -> Any: ...


class Run(Protocol):
    """A run: its key, its clock, its storage and its production."""

    @property
    def run_key(self) -> str: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    @property
    def clients(self) -> Clients: ...

    @property
    def workspace(self) -> Workspace: ...

    @property
    def run_root(self) -> S3Uri: ...

    @property
    def objects(self) -> ObjectStore: ...

    @property
    def manifests(self) -> ManifestStore: ...

    @property
    def production(self) -> Production: ...

    def write_record(self, name: str, record: Record) -> str: ...

    def read_record(self, name: str, record_type: type[R]) -> R | None: ...

    def book(self, purpose: str, usages: tuple[Usage, ...]) -> None: ...


class PayingRun(Run, Protocol):
    """A run that buys what bills while it exists."""

    @property
    def settings(self) -> MoneySection: ...


class SamplingRun(Run, Protocol):
    """A run that samples films."""

    @property
    def settings(self) -> SamplingSection: ...

    @property
    def removed(self) -> Tombstones: ...


class FilmRun(SamplingRun, Protocol):
    """A run with a list of films."""

    @property
    def settings(self) -> FilmSettings: ...


class DetectingRun(Run, Protocol):
    """A run that pays for finding characters in frames."""

    @property
    def settings(self) -> DetectionSection: ...

    @property
    def references(self) -> dict[str, list[bytes]]: ...

    @property
    def strangers(self) -> Sequence[bytes]: ...

    @property
    def answers(self) -> AnswerStore: ...

    @property
    def runtime(self) -> BedrockRuntime: ...

    def paced_client(self, service: str) -> Any: ...
