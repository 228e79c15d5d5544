"""The context of a call: what a handler knows about it, and the stores it may use."""

from collections.abc import Callable, Mapping
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

DecideAccess = Callable[[str, str, str, Mapping[str, str]], str | None]
"""Returns what the policies of (principal) say about (action, resource, condition keys in lower
case): allowed, implicitDeny or explicitDeny; None if there is no such principal."""


@dataclass(frozen=True)
class Context:
    """One call. `region` is the signed region, `request_id` the id in the answer."""

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
    """The endpoint's address as the caller used it, without a trailing slash."""
    trust_policy: Callable[[str], dict[str, Any] | None] = lambda role_name: None
    """Returns the trust policy of an IAM role by name; None if there is no such role."""
    caller: str = ""
    """The ARN of the user or role that signed the call; of a role, not of its session."""
    decide_access: DecideAccess = lambda principal, action, resource, given: None
    play_job: Callable[[str, str], None] = lambda kind, arn: None
    """Begins to play the stored SageMaker job of (kind, ARN)."""
    ordered: frozenset[str] = frozenset()
    """Kinds of the faults injected into this call; its handler applies "filter"."""
    injected_failure: Fault | None = None
    """The injected fault of the kind "fail": what this call starts fails later."""

    @property
    def today(self) -> date:
        """The simulated calendar day, which decides the lifecycle of models."""
        return self.settings.today

    def now(self) -> datetime:
        """Return the time of the endpoint's clock, timezone-aware, in UTC."""
        return self.clock.now()


Request = dict[str, Any]
"""The parsed input of an operation, by the member names of botocore's model."""

Answer = dict[str, Any]
"""The output of an operation, by the member names of botocore's model."""

Handler = Callable[[Request, Context], Answer]
"""Runs one operation; raises ServiceError to refuse the request."""
