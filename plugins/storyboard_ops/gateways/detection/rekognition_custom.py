"""Call Rekognition Custom Labels: projects, datasets, models ("project versions"), detection.

Source: Amazon Rekognition Custom Labels guide. Training is billed by the hour when it succeeds; a
model is billed for every hour in which it runs, used or not. No call takes a client token: names
are unique instead, and a taken name raises ResourceInUseException.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from storyboard_ops.domain.detection.detector_facts import BILLING
from storyboard_ops.domain.error_tree import Conflict, NameTaken, NotFound
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.aws.calls import call_unless, list_all
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.detection.rekognition_boxes import edges
from storyboard_ops.gateways.storage.answer_store import Bought

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

#: Status of a project that is ready for use.
CREATED = "CREATED"
SECONDS_PER_HOUR = 3600

DatasetType = Literal["TRAIN", "TEST"]


@dataclass(frozen=True)
class DatasetState:
    """A dataset as the service reports it."""

    arn: str
    status: str  # CREATE_IN_PROGRESS, CREATE_COMPLETE, CREATE_FAILED, …
    message: str


@dataclass(frozen=True)
class ProjectState:
    """A project as the service reports it."""

    arn: str
    name: str
    status: str  # CREATING, CREATED, DELETING
    created_at: str  # ISO 8601
    datasets: dict[str, DatasetState]  # by type, TRAIN and TEST


@dataclass(frozen=True)
class VersionState:
    """A model as the service reports it."""

    arn: str
    project_arn: str
    version: str
    status: str  # see domain.detector_facts
    message: str
    created_at: str  # ISO 8601
    training_hours: float  # billed; 0 during training and after failed training

    @property
    def bills(self) -> bool:
        """Whether the model costs money at this moment."""
        return self.status in BILLING


class RekognitionCustom:
    """Each method is one call; ``find_*`` return None for a name that does not exist."""

    def __init__(self, client: RekognitionClient) -> None:
        self._client = translated("rekognition", client)

    def find_project(self, name: str) -> ProjectState | None:
        """Find a project by name."""
        listed: Any = self._client.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
        if not listed:
            return None
        (found,) = listed
        return ProjectState(
            arn=found["ProjectArn"],
            name=name,
            status=found["Status"],
            created_at=iso_millis(found["CreationTimestamp"]),
            datasets={
                dataset["DatasetType"]: DatasetState(
                    dataset["DatasetArn"], dataset["Status"], dataset.get("StatusMessage", "")
                )
                for dataset in found.get("Datasets", ())
            },
        )

    def project_names(self) -> list[str]:
        """List the names of all projects of the account."""
        found = list_all(self._client, "describe_projects", "ProjectDescriptions")
        return [project["ProjectArn"].split("/")[1] for project in found]

    def create_project(self, name: str, tags: dict[str, str]) -> None:
        """Create a project; an existing one of this name is left unchanged."""
        call_unless(NameTaken, self._client.create_project, ProjectName=name, Tags=tags)

    def create_dataset(self, project_arn: str, kind: DatasetType, manifest: S3Uri) -> None:
        """Create a dataset from a manifest; an existing dataset is left unchanged."""
        location = {"Bucket": manifest.bucket, "Name": manifest.key}
        call_unless(
            NameTaken,
            self._client.create_dataset,
            ProjectArn=project_arn,
            DatasetType=kind,
            DatasetSource={"GroundTruthManifest": {"S3Object": location}},
        )

    def delete_dataset(self, arn: str) -> None:
        """Delete a dataset; a missing one is not an error."""
        call_unless(NotFound, self._client.delete_dataset, DatasetArn=arn)

    def versions(self, project_arn: str) -> list[VersionState]:
        """List the models of a project, the newest first."""
        listing, key = "describe_project_versions", "ProjectVersionDescriptions"
        listed = list_all(self._client, listing, key, ProjectArn=project_arn)
        return [_version(project_arn, found) for found in listed]

    def train(self, project_arn: str, version: str, output: S3Uri, tags: dict[str, str]) -> None:
        """Train a model on the project's datasets; an existing one of this name stays unchanged."""
        call_unless(
            NameTaken,
            self._client.create_project_version,
            ProjectArn=project_arn,
            VersionName=version,
            OutputConfig={"S3Bucket": output.bucket, "S3KeyPrefix": output.key},
            Tags=tags,
        )

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Tag a model or a collection; a tag of the same key is replaced."""
        self._client.tag_resource(ResourceArn=arn, Tags=tags)

    def tags(self, arn: str) -> dict[str, str]:
        """Read the tags of a model or a collection."""
        return self._client.list_tags_for_resource(ResourceArn=arn)["Tags"]

    def start(self, arn: str, inference_units: int) -> bool:
        """Start a model, which then bills by the hour; False when its state does not allow it."""
        return call_unless(
            Conflict,
            self._client.start_project_version,
            ProjectVersionArn=arn,
            MinInferenceUnits=inference_units,
        )

    def stop(self, arn: str) -> bool:
        """Stop a model; False when its state does not allow it (not running, or not yet)."""
        return call_unless(Conflict, self._client.stop_project_version, ProjectVersionArn=arn)

    def detect(self, arn: str, picture: bytes, least: float) -> Bought:
        """Detect labels with boxes, the most confident first: ([{label, box, confidence}], ()).

        A box is [left, top, right, bottom] in ratios; ``least`` and confidences are 0..1. Nothing
        is bought: the hours in which the model runs are billed, not the calls.
        """
        answer = self._client.detect_custom_labels(
            ProjectVersionArn=arn, Image={"Bytes": picture}, MinConfidence=100 * least
        )
        found = [
            {
                "label": label["Name"],
                "box": edges(label["Geometry"]["BoundingBox"]),
                "confidence": label["Confidence"] / 100,
            }
            for label in answer["CustomLabels"]
            if "BoundingBox" in label.get("Geometry", {})
        ]
        return found, ()

    def delete_version(self, arn: str) -> None:
        """Delete a model; a missing one is not an error."""
        call_unless(NotFound, self._client.delete_project_version, ProjectVersionArn=arn)

    def delete_project(self, arn: str) -> None:
        """Delete a project without models; a missing one is not an error."""
        call_unless(NotFound, self._client.delete_project, ProjectArn=arn)


def _version(project_arn: str, found: Any) -> VersionState:
    arn = found["ProjectVersionArn"]
    return VersionState(
        arn=arn,
        project_arn=project_arn,
        version=arn.split("/version/")[1].split("/")[0],
        status=found["Status"],
        message=found.get("StatusMessage", ""),
        created_at=iso_millis(found["CreationTimestamp"]),
        training_hours=found.get("BillableTrainingTimeInSeconds", 0) / SECONDS_PER_HOUR,
    )
