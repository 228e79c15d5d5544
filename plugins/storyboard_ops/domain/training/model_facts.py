"""The customized model and the capacity it is served with."""

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
    """A paid resource this run means to make, written down before it is asked for.

    The teardown reads claims, so that a task killed between asking and remembering leaks nothing.
    """

    kind: ClaimKind
    name: str
    owner: str  # run key
    claimed_at: str  # ISO 8601
    made_by: str = ""  # run key of who made it and has handed it on; empty: the owner
    begun: bool = True  # False: the run only means to join those who use it, see ``announce``


class CustomizedModel(Record):
    """A customized model."""

    job_arn: str
    job_name: str
    model_arn: str
    base_model_id: str
    metrics: dict[str, float] = {}
    images_seen: int  # steps x batch size


class Capacity(Record):
    """Provisioned throughput that serves a customized model."""

    arn: str
    name: str
    model_arn: str
    model_units: int
    created_at: str  # ISO 8601
