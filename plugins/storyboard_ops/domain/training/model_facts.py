"""Records of a customized model, its capacity, and claims on paid resources."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record

ClaimKind = Literal[
    "customization job",
    "custom model",
    "provisioned throughput",
    "custom labels inference",
    "custom labels model",
    "face collection",
]


class Claim(Record):
    """A paid resource that a run intends to create, recorded before it is requested.

    The teardown reads claims, so a task killed between request and record leaks nothing.
    """

    kind: ClaimKind
    name: str
    owner: str  # run key
    claimed_at: str  # ISO 8601
    made_by: str = ""  # key of the run that created and transferred it; empty: the owner
    begun: bool = True  # False: the run only intends to join its users, see ``announce``


class CustomizedModel(Record):
    """A customized model."""

    job_arn: str
    job_name: str
    model_arn: str
    base_model_id: str
    metrics: dict[str, float] = {}
    images_seen: int  # steps x batch size


class Capacity(Record):
    """Provisioned throughput of a customized model."""

    arn: str
    name: str
    model_arn: str
    model_units: int
    created_at: str  # ISO 8601
