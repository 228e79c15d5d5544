"""The tools of a step: the run, its settings, and the gateways, built once per task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Generic, TypeGuard, TypeVar

from pydantic import TypeAdapter
from typing_extensions import TypeVar as TypeVarWithDefault

from storyboard_ops.domain.base_record import Record, canonical_json
from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.domain.models.call_limits import ConverseLimits, ModelLimits
from storyboard_ops.domain.models.model_routes import ModelRoutes
from storyboard_ops.domain.money.container_time import FargatePlace
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.monitoring.metrics import Emit, report_nothing
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.sampling.film_spans import Tombstones
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.aws.call_rates import account_rates, pace_calls
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.limits_file import limits_table
from storyboard_ops.gateways.storage.answer_store import AnswerStore
from storyboard_ops.gateways.storage.object_store import ManifestStore, ObjectStore
from storyboard_ops.steps.run.clients import Clients, OpenSsh, refuse_ssh
from storyboard_ops.steps.run.run_metrics import report_calls, report_manifest, report_purchases
from storyboard_ops.steps.run.tombstones import read_tombstones

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Settings)
#: The settings of a tool box; by default, those that all runs have in common.
S_co = TypeVarWithDefault("S_co", bound=Settings, covariant=True, default=CommonSettings)

#: How many tasks Airflow maps to a list unless configured otherwise ([core] max_map_length).
AIRFLOWS_MAP_LENGTH = 1024
#: Record of a run: how it calls its models.
ROUTES = "models.json"

_STATEMENT = TypeAdapter(tuple[Usage, ...])


@dataclass(frozen=True)
class ToolBox(Generic[S_co]):
    """Everything a step may use. Gateways are made on first use.

    The type names the sections of settings that a step reads, e.g. ``ToolBox[MoneySection]``; a
    step accepts any run whose DAG has picked the section.
    """

    run_key: str
    settings: S_co
    clients: Clients
    clock: Callable[[], datetime] = utc_now
    most_mapped_tasks: int = AIRFLOWS_MAP_LENGTH
    detecting_tasks: int = 1  # how many may call detectors at once, over all runs
    open_ssh: OpenSsh = refuse_ssh
    found_routes: ModelRoutes | None = None  # what preflight has found, before it is written
    emit: Emit = report_nothing  # where metrics go
    fargate: FargatePlace | None = None  # None: heavy tasks run where nothing bills by the second

    def paced_client(self, service: str) -> Any:
        """Make a client that is paced to the calls per second that the account allows.

        The tasks that call detectors at once share them.
        """
        client = self.clients(service)
        rates = account_rates(self.clients("service-quotas"), client)
        pace_calls(client, rates, self.detecting_tasks)
        return client

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace.at(self.settings.workspace)

    @cached_property
    def run_root(self) -> S3Uri:
        """The prefix of what this run writes for itself."""
        return self.workspace.run(self.run_key)

    @cached_property
    def objects(self) -> ObjectStore:
        return ObjectStore(self.clients("s3"))

    @cached_property
    def manifests(self) -> ManifestStore:
        return ManifestStore(self.objects, partial(report_manifest, self.emit))

    @cached_property
    def removed(self) -> Tombstones:
        """What was removed from the workspace and must be skipped."""
        return read_tombstones(self.objects, self.workspace)

    @cached_property
    def answers(self) -> AnswerStore:
        """Paid answers, with the usages that this task paid for."""
        return AnswerStore(self.objects, self.workspace, self.run_key)

    def write_record(self, name: str, record: Record) -> str:
        """Write a record of this run as JSON, e.g. ``model/model.json``; returns its URI."""
        body = canonical_json(record).encode()
        return self.objects.put(self.run_root / name, body, "application/json")

    def read_record(self, name: str, record_type: type[R]) -> R | None:
        """Read a record of this run; None when it was not written."""
        uri = self.run_root / name
        if self.objects.head(uri) is None:
            return None
        return self.objects.record(uri, record_type)

    def book(self, purpose: str, usages: tuple[Usage, ...]) -> None:
        """Record what this run bought; booking the same purpose again replaces it."""
        place = self.run_root / f"spending/{purpose}.json"
        if self.emit is not report_nothing:  # what was booked before is not read for nothing
            report_purchases(self.emit, self.region, usages, self._booked_at(place))
        self.objects.put(place, _STATEMENT.dump_json(usages), "application/json")

    def _booked_at(self, place: S3Uri) -> tuple[Usage, ...]:
        found = self.objects.head(place) is not None
        return _STATEMENT.validate_python(self.objects.json(place)) if found else ()

    @contextmanager
    def booking(self, purpose: str) -> Iterator[None]:
        """Book the answers that this task buys, also when it stops before it is complete.

        The repeated task finds these answers and replaces the entry. What the run has bought for
        another purpose is booked there.
        """
        self.answers.purpose = purpose
        try:
            with self._reporting_calls():
                yield
        except BaseException:
            with suppress(ServiceError):  # the error that stopped the task is the one to report
                self.book(purpose, self.answers.usages_for(purpose))
            raise
        self.book(purpose, self.answers.usages_for(purpose))

    @contextmanager
    def _reporting_calls(self) -> Iterator[None]:
        before = self.answers.calls.copy()
        try:
            yield
        finally:
            report_calls(self.emit, self.answers.calls - before)

    def booked(self) -> tuple[Usage, ...]:
        """Read everything that this run has booked so far."""
        statements = self.objects.list(self.run_root / "spending/")
        return tuple(
            usage
            for statement in statements
            for usage in _STATEMENT.validate_python(self.objects.json(statement.uri))
        )

    @cached_property
    def runtime(self) -> BedrockRuntime:
        return BedrockRuntime(self.clients("bedrock-runtime"), self.routes)

    def client_in(self, region: str, service: str) -> Any:
        """Make a client for what only some regions offer."""
        if region == self.region:
            return self.clients(service)
        return self.clients(service, region)

    @cached_property
    def routes(self) -> ModelRoutes:
        """How this run calls its models, as preflight found it; without it, by their own ids."""
        return self.found_routes or self.read_record(ROUTES, ModelRoutes) or ModelRoutes()

    def converse_limits(self, chosen: str) -> ConverseLimits:
        """Return the limits of a multimodal model; raises SettingsError when they are not known."""
        return limits_table().of_converse(self.routes.model_id(chosen))

    def embedding_limits(self, chosen: str) -> ModelLimits:
        """Return the limits of an embedding model; raises SettingsError when they are not known."""
        return limits_table().of_embedding(self.routes.model_id(chosen))

    @cached_property
    def production(self) -> Production:
        """The production of this run, as preflight wrote it."""
        return self.objects.record(self.run_root / "production.json", Production)

    @cached_property
    def references(self) -> dict[str, list[bytes]]:
        """PNG bytes of every character's reference pictures."""
        return {
            character.id: [self.objects.get(S3Uri.parse(uri)) for uri in character.references]
            for character in self.production.characters
        }

    @cached_property
    def strangers(self) -> list[bytes]:
        """PNG bytes of the pictures of strangers, who must not be taken for a character."""
        return [self.objects.get(S3Uri.parse(uri)) for uri in self.production.strangers]

    @property
    def region(self) -> str:
        """The region that Bedrock is called in: its models and prices are those of the run."""
        return str(self.clients("bedrock").meta.region_name)

    @cached_property
    def account_id(self) -> str:
        return account_facts.account_id(self.clients("sts"))

    @cached_property
    def caller_arn(self) -> str:
        """The ARN of the user or role that the credentials belong to."""
        return account_facts.caller_arn(self.clients("sts"))

    @property
    def partition(self) -> str:
        """The part of AWS that the account is in: aws, aws-us-gov or aws-cn."""
        return self.caller_arn.split(":")[1]

    def role_arn(self, given: str | None, name: str) -> str:
        """Return a role's ARN: the given parameter, else the account's role of this name."""
        return given or f"arn:{self.partition}:iam::{self.account_id}:role/{name}"


def has_section(tools: ToolBox[Any], section: type[S]) -> TypeGuard[ToolBox[S]]:
    """Return whether the DAG of this run has picked a section of settings."""
    return isinstance(tools.settings, section)
