"""Train the Custom Labels model of a production, or find the one that was trained before."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property

from storyboard_ops.core.detection.figure_ground import figure_rect
from storyboard_ops.core.detection.label_manifest import (
    LabelledPicture,
    manifest_text,
    split_for_test,
)
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.detection.detector_facts import UNTRAINED, DetectorOrigin
from storyboard_ops.domain.error_tree import JobFailed, NotFinished
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.detection.rekognition_custom import (
    CREATED,
    DatasetType,
    ProjectState,
    RekognitionCustom,
    VersionState,
)
from storyboard_ops.steps.detection.names import project_name, shown_pictures
from storyboard_ops.steps.detection.origin import confirm_origin
from storyboard_ops.steps.money.adopt_or_create import Purchase, adopt_or_create
from storyboard_ops.steps.money.claims import claim, lease_until
from storyboard_ops.steps.run.service_wait import wait_for
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: Character ids with the URIs of their reference pictures.
Pictures = list[tuple[str, S3Uri]]
Contents = dict[DatasetType, Pictures]

#: Time for Rekognition to read the datasets, normally seconds.
DATASET_SECONDS = 600
#: Time until a new model is listed.
LISTED_SECONDS = 60
#: States of unusable models: the next one gets the next number.
LOST = UNTRAINED | {"DELETING"}


def training_contents(tools: ToolBox[MoneySection]) -> Contents:
    """Split the reference pictures into disjoint training and test datasets.

    Raises ProductionError when there are too few reference pictures.
    """
    shown = {
        name: [(name, S3Uri.parse(uri)) for uri in uris]
        for name, uris in shown_pictures(tools.production).items()
    }
    if len(shown.get(NONE_OF_THEM, ())) == 1:
        log.warning("One picture of strangers is too few to train on; it is left out.")
        del shown[NONE_OF_THEM]
    training, test = split_for_test(shown)
    return {"TRAIN": training, "TEST": test}


def train_model(tools: ToolBox[MoneySection], contents: Contents) -> VersionState:
    """Adopt the production's model, in training or trained; starts a training if there is none.

    A model whose training failed is left alone and the next one is trained. Only a new run or
    clearing the task leads here, because failed trainings are not retried automatically.
    """
    custom = RekognitionCustom(tools.clients("rekognition"))
    project = _project(tools, custom, contents)
    settled = adopt_or_create(TrainedModel(tools, custom, project), first_attempt=1)
    return settled.adopted or _listed_version(custom, project, settled.request)


@dataclass(frozen=True)
class TrainedModel(Purchase[str, VersionState]):
    """The versions of a Custom Labels project, by name: v1, v2, …"""

    tools: ToolBox[MoneySection]
    custom: RekognitionCustom
    project: ProjectState

    @cached_property
    def _versions(self) -> dict[str, VersionState]:
        return {version.version: version for version in self.custom.versions(self.project.arn)}

    def request(self, attempt: int) -> str:
        return f"v{attempt}"

    def find(self, request: str) -> VersionState | None:
        return self._versions.get(request)

    def is_spent(self, found: VersionState) -> bool:
        if found.status in LOST:
            log.info(
                "Model %s is %s: %s Training a new one.", found.arn, found.status, found.message
            )
        return found.status in LOST

    def adopt(self, found: VersionState, request: str) -> None:
        log.info("Adopting Custom Labels model %s (%s).", found.arn, found.status)

    def claim(self, request: str) -> None:
        claim(self.tools, "custom labels model", self.project.name)

    def create(self, request: str) -> None:
        output = self.tools.workspace.detector(self.project.name) / request
        self.custom.train(self.project.arn, request, output, lease_until(self.tools, None))


def book_training(tools: ToolBox[MoneySection], version: VersionState) -> None:
    """Book the hours of this run's training; AWS bills only successful trainings."""
    if version.training_hours:
        hours = version.training_hours
        used = Usage(service="rekognition", item="CustomLabelsTraining", unit="hour", amount=hours)
        tools.book(f"training-{project_name(tools)}-{version.version}", (used,))


def _project(
    tools: ToolBox[MoneySection], custom: RekognitionCustom, contents: Contents
) -> ProjectState:
    """Return the project with both datasets; creates what is missing."""
    found = wait_for(lambda: _ready_project(tools, custom, contents), DATASET_SECONDS)
    if found is None:
        raise NotFinished(
            f"The datasets of {project_name(tools)} were not read within {DATASET_SECONDS} s. Look "
            "at them in the Custom Labels console, then clear prepare_detectors."
        )
    return found


def _ready_project(
    tools: ToolBox[MoneySection], custom: RekognitionCustom, contents: Contents
) -> ProjectState | None:
    """Create what the project lacks, and return it once both datasets have been read.

    None means wait: for the datasets, for new resources to be listed, or for the deletion of an
    earlier project of this name.
    """
    found = _find_or_create(tools, custom)
    if found is None or found.status != CREATED:
        return None
    _confirm(tools, custom, found)
    missing = [kind for kind in contents if kind not in found.datasets]
    for kind in missing:
        _create_dataset(tools, custom, found, kind, contents[kind])
    current = custom.find_project(found.name) if missing else found
    return current if current is not None and _datasets_ready(custom, current) else None


def _confirm(
    tools: ToolBox[MoneySection], custom: RekognitionCustom, project: ProjectState
) -> None:
    origin = DetectorOrigin(arn=project.arn, created_at=project.created_at)
    confirm_origin(
        tools,
        "custom labels model",
        project.name,
        origin,
        lambda: (custom.tags(version.arn) for version in custom.versions(project.arn)),
    )


def _find_or_create(tools: ToolBox[MoneySection], custom: RekognitionCustom) -> ProjectState | None:
    name = project_name(tools)
    found = custom.find_project(name)
    if found is None:
        claim(tools, "custom labels model", name)
        custom.create_project(name, lease_until(tools, None))
        found = custom.find_project(name)
    return found


def _create_dataset(
    tools: ToolBox[MoneySection],
    custom: RekognitionCustom,
    project: ProjectState,
    kind: DatasetType,
    pictures: Pictures,
) -> None:
    place = tools.workspace.detector(project.name) / f"{kind.lower()}.manifest"
    labelled = [_label_picture(tools, uri, character) for character, uri in pictures]
    text = manifest_text(labelled, iso(tools.clock()).removesuffix("+00:00"))
    tools.objects.put(place, text.encode(), "application/jsonlines")
    custom.create_dataset(project.arn, kind, place)


def _label_picture(tools: ToolBox[MoneySection], uri: S3Uri, character: str) -> LabelledPicture:
    picture = decode_rgb(tools.objects.get(uri))
    height, width = picture.shape[:2]
    return LabelledPicture(str(uri), width, height, character, figure_rect(picture))


def _datasets_ready(custom: RekognitionCustom, project: ProjectState) -> bool:
    """Return whether both datasets have been read; raises JobFailed when one cannot be."""
    datasets = list(project.datasets.values())
    failed = [dataset for dataset in datasets if dataset.status == "CREATE_FAILED"]
    for dataset in failed:
        # It would block the next try.
        custom.delete_dataset(dataset.arn)
    if failed:
        raise JobFailed(
            f"A dataset of {project.name} could not be read: {failed[0].message} Check that "
            "Rekognition may read the bucket, then clear prepare_detectors."
        )
    return len(datasets) == 2 and all(one.status == "CREATE_COMPLETE" for one in datasets)


def _listed_version(custom: RekognitionCustom, project: ProjectState, name: str) -> VersionState:
    """Wait until a version whose training was just started is listed."""

    def listed() -> VersionState | None:
        versions = custom.versions(project.arn)
        return next((version for version in versions if version.version == name), None)

    found = wait_for(listed, LISTED_SECONDS)
    if found is None:
        raise NotFinished(
            f"Rekognition does not list model {name} of {project.name}, whose training was "
            "started; clear prepare_detectors to check again."
        )
    log.info("Training %s. It is billed by the hour, and cannot be stopped.", found.arn)
    return found
