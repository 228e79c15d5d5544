"""Records of a trained model, its capacity, what a task waits for, and claims on paid resources."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.training.panel_sources import PanelSource

ClaimKind = Literal[
    "customization job",
    "training job",
    "drawing job",
    "gpu job",
    "custom model",
    "provisioned throughput",
    "custom labels inference",
    "custom labels model",
    "face collection",
]
#: What bills by its time, from the request until it is released or has ended.
BILLS_BY_TIME = frozenset[ClaimKind](
    {
        "customization job",
        "training job",
        "drawing job",
        "provisioned throughput",
        "custom labels inference",
    }
)
#: What has trained a model, and so what draws with it.
TrainedBy = Literal["bedrock", "sagemaker", "own_gpu"]


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


class TrainedModel(Record):
    """A model that draws; records of earlier versions are of Bedrock.

    One that nothing was trained for has no job, and ``panels_from`` says what it draws with.
    """

    trainer: TrainedBy = "bedrock"
    panels_from: PanelSource = "trained"
    job_arn: str
    job_name: str
    model_arn: str  # at Bedrock; of other trainers, the S3 URI of the folder with its files
    base_model_id: str  # at Bedrock, or in include/models/base_models.yaml
    metrics: dict[str, float] = {}
    images_seen: int  # steps x pictures per step
    chosen_step: int | None = None  # of the checkpoint that was taken; None: the last one
    likeness: float | None = None  # of its samples to held-out pictures; None: not measured


class Capacity(Record):
    """Provisioned throughput of a customized model."""

    arn: str
    name: str
    model_arn: str
    model_units: int
    created_at: str  # ISO 8601


class Wait(Record):
    """Work of a service that a task waits for."""

    kind: ClaimKind
    name: str
    hours: float  # after which the service should have ended it, and the task gives up
    progress_uri: str = ""  # of the program's progress.json; empty: the service reports progress
    began_at: str = ""  # ISO 8601, when the job was created
    usd_per_hour: float | None = None  # None: no price is known
    log_offset: int = 0  # bytes of its output that were shown
    attended: bool = False  # the task itself waits: it runs on the machine that works
