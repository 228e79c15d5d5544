"""What a handler knows about the call it answers, and the stores it may use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from local_aws.account.clock import Clock
from local_aws.account.fault_plan import Fault
from local_aws.account.meter import Meter
from local_aws.account.settings import EndpointSettings
from local_aws.storage.object_store import ObjectStore
from local_aws.storage.queue_store import QueueStore
from local_aws.storage.state_store import StateStore


@dataclass(frozen=True)
class Context:
    """One call. `region` is the signed region, `request_id` what the answer will carry."""

    account_id: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    request_id: str
    state: StateStore
    objects: ObjectStore
    meter: Meter
    settings: EndpointSettings
    queues: QueueStore
    clock: Clock
    base_url: str
    """The address by which the caller reached the endpoint, without a trailing slash."""
    trust_policy: Callable[[str], dict[str, Any] | None] = lambda role_name: None
    """The trust policy of the IAM role of this name; None if the endpoint has no such role."""
    ordered: frozenset[str] = frozenset()
    """Kinds of faults ordered for this call that its handler carries out: "filter"."""
    ordered_failure: Fault | None = None
    """How what this call starts shall fail later: a fault of the kind "fail"."""

    @property
    def today(self) -> date:
        """The calendar day the endpoint plays: decides about the lifecycle of models."""
        return self.settings.today

    def now(self) -> datetime:
        """The time of the clock, aware, in UTC: stamps and durations of jobs."""
        return self.clock.now()


Request = dict[str, Any]
"""The parsed input of an operation, by the member names of botocore's model."""

Answer = dict[str, Any]
"""The output of an operation, by the member names of botocore's model."""

Handler = Callable[[Request, Context], Answer]
"""Runs one operation; raises ServiceError to refuse the request."""
