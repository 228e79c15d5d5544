"""Call SageMaker's training and processing jobs: find, create, stop, tags.

Sources: Amazon SageMaker API reference (CreateTrainingJob, CreateProcessingJob and their Describe,
Stop and List calls) and its service model in botocore.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from storyboard_ops.domain.error_tree import Conflict, NameTaken, NotFound, RequestRefused
from storyboard_ops.domain.training.model_facts import ClaimKind
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.aws.calls import call_unless, list_all
from storyboard_ops.gateways.aws.errors import translated

#: What a create call raises when its name is taken.
NAME_TAKEN = (NameTaken,)
#: States in which a job costs nothing more.
JOB_ENDED = frozenset({"Completed", "Failed", "Stopped"})
#: How the reason of a job that got no machine begins.
NO_CAPACITY = ("CapacityError", "InsufficientCapacity")


@dataclass(frozen=True)
class JobForm:
    """How the API words jobs of one kind."""

    kind: ClaimKind
    word: str  # in the names of fields
    create: str
    describe: str
    stop: str
    usage: str  # unit of the price of an instance, see include/prices

    def field(self, name: str) -> str:
        """Return the name of a field, e.g. TrainingJobArn."""
        return f"{self.word}Job{name}"


TRAINING = JobForm(
    "training job",
    "Training",
    create="create_training_job",
    describe="describe_training_job",
    stop="stop_training_job",
    usage="training_hour",
)
PROCESSING = JobForm(
    "drawing job",
    "Processing",
    create="create_processing_job",
    describe="describe_processing_job",
    stop="stop_processing_job",
    usage="processing_hour",
)
JOB_FORMS: Mapping[str, JobForm] = {form.kind: form for form in (TRAINING, PROCESSING)}


@dataclass(frozen=True)
class JobRequest:
    """A create call: everything that decides the job, and the tags of its lease."""

    name: str
    document: Mapping[str, Any]  # the parameters of the call but name and tags
    tags: Mapping[str, str]


@dataclass(frozen=True)
class JobState:
    """A job as the service reports it."""

    arn: str
    name: str
    status: str  # InProgress, Completed, Failed, Stopping, Stopped
    failure: str  # the service's reason; empty without one
    instance_type: str
    volume_gb: int
    created_at: str  # ISO 8601
    ended_at: str  # ISO 8601; empty while it runs
    billed_seconds: float  # final only once it has ended
    artifacts: str  # S3 URI of a training job's model; empty: none yet
    document: Mapping[str, Any] = field(repr=False)  # the answer of the describe call

    @property
    def got_no_machine(self) -> bool:
        """Whether the job failed because the region had no instance: it never ran."""
        return self.status == "Failed" and self.failure.startswith(NO_CAPACITY)

    @property
    def limit_reached(self) -> str:
        """The limit of time at which the service stopped the job; empty: none."""
        reached = str(self.document.get("SecondaryStatus", ""))
        return reached if self.status == "Stopped" and reached.startswith("Max") else ""


class SageMakerJobs:
    """Calls about jobs of one kind."""

    def __init__(self, client: Any, form: JobForm) -> None:
        self._client = translated("sagemaker", client)
        self.form = form

    def find(self, name: str) -> JobState | None:
        """Find a job by name; None when the service does not have it."""
        try:
            found = self._call(self.form.describe, name)
        except NotFound:
            return None
        return self._state(found)

    def create(self, request: JobRequest) -> str:
        """Start a job; returns its ARN. Raises NameTaken when there is one of this name."""
        tags = [{"Key": key, "Value": value} for key, value in sorted(request.tags.items())]
        answer = self._call(self.form.create, request.name, Tags=tags, **request.document)
        arn: str = answer[self.form.field("Arn")]
        return arn

    def stop(self, name: str) -> bool:
        """Stop a running job; False when it has already ended."""
        ended = (Conflict, NotFound, RequestRefused)
        return call_unless(ended, partial(self._call, self.form.stop, name))

    def tags(self, arn: str) -> dict[str, str]:
        """Read the tags of a job."""
        return {
            tag["Key"]: tag["Value"]
            for tag in list_all(self._client, "list_tags", "Tags", ResourceArn=arn)
        }

    def _call(self, call: str, name: str, **arguments: Any) -> Any:
        return getattr(self._client, call)(**{self.form.field("Name"): name}, **arguments)

    def _state(self, found: Mapping[str, Any]) -> JobState:
        form = self.form
        resources = found.get("ResourceConfig") or found["ProcessingResources"]["ClusterConfig"]
        started, ended = found.get(f"{form.word}StartTime"), found.get(f"{form.word}EndTime")
        ran = (ended - started).total_seconds() if started and ended else 0.0
        return JobState(
            arn=found[form.field("Arn")],
            name=found[form.field("Name")],
            status=found[form.field("Status")],
            failure=found.get("FailureReason") or found.get("ExitMessage", ""),
            instance_type=resources["InstanceType"],
            volume_gb=resources["VolumeSizeInGB"],
            created_at=iso_millis(found["CreationTime"]),
            ended_at=_iso(ended),
            billed_seconds=float(found.get("BillableTimeInSeconds", ran)),
            artifacts=found.get("ModelArtifacts", {}).get("S3ModelArtifacts", ""),
            document=found,
        )


def _iso(moment: datetime | None) -> str:
    return iso_millis(moment) if moment else ""


def differences(asked: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """List the parameters of a create call in which an existing job differs, by name.

    The service may add defaults to what was requested.
    """
    return [name for name, wanted in asked.items() if not _covers(found.get(name), wanted)]


def _covers(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            _covers(found.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(map(_covers, found, wanted))
        )
    return bool(found == wanted)


def strings(value: Any) -> Iterator[str]:
    """Yield every text in a document, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
