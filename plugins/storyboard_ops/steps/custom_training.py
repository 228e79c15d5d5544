"""Trains the Custom Labels model of a production, or finds the one that was trained before."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import count

from storyboard_ops.core.figure_ground import figure_rect
from storyboard_ops.core.label_manifest import LabelledPicture, manifest_text, split_for_test
from storyboard_ops.core.picture_codec import decode_rgb
from storyboard_ops.domain.detector_facts import UNTRAINED
from storyboard_ops.domain.error_tree import RemoteFailure
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.paid_usage import Usage
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.rekognition_custom import (
    DatasetState,
    DatasetType,
    ProjectState,
    RekognitionCustom,
    VersionState,
)
from storyboard_ops.steps.detector_names import project_name
from storyboard_ops.steps.paid_claims import claim, lease_until
from storyboard_ops.steps.service_wait import wait_until
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

#: A handful of pictures is read in seconds.
DATASET_SECONDS = 600


def trained_version(tools: ToolBox) -> VersionState:
    """The production's model, in training or trained; asked for when there is none.

    A model whose training has failed is left alone and the next one is trained. That is reached
    only by a new run or by a person who clears the task: failed trainings are not retried.
    """
    custom = RekognitionCustom(tools.clients("rekognition"))
    project = _project(tools, custom)
    versions = {version.version: version for version in custom.versions(project.arn)}
    for number in count(1):
        name = f"v{number}"
        found = versions.get(name)
        if found is None:
            return _train(tools, custom, project, name)
        if found.status not in UNTRAINED:
            log.info("Adopting Custom Labels model %s (%s).", found.arn, found.status)
            return found
        log.info("Model %s was not trained: %s Trying anew.", found.arn, found.message)
    raise AssertionError("unreachable: count() does not end")


def book_training(tools: ToolBox, version: VersionState) -> None:
    """Write down the hours that a training of this run has cost; AWS bills successful ones."""
    if version.training_hours:
        hours = version.training_hours
        used = Usage(service="rekognition", item="CustomLabelsTraining", unit="hour", amount=hours)
        tools.book(f"training-{project_name(tools)}-{version.version}", (used,))


def _project(tools: ToolBox, custom: RekognitionCustom) -> ProjectState:
    """The project with both datasets, made where it is missing."""
    name = project_name(tools)
    found = custom.find_project(name)
    if found is None:
        claim(tools, "custom labels model", name)
        custom.create_project(name, lease_until(tools, None))
        found = custom.find_project(name)
    assert found is not None  # it was there, or has just been made
    missing = {"TRAIN", "TEST"} - found.datasets.keys()
    if missing:
        _create_datasets(tools, custom, found)
    if not wait_until(lambda: _datasets_ready(custom, name), DATASET_SECONDS):
        raise RemoteFailure(
            f"The datasets of {name} were not read within {DATASET_SECONDS} s. Look at them in "
            "the Custom Labels console, then clear prepare_detectors."
        )
    return found


def _create_datasets(tools: ToolBox, custom: RekognitionCustom, project: ProjectState) -> None:
    """Two datasets that share no picture, so that the test says something about the training."""
    shown = {
        character.id: [
            _labelled(tools, S3Uri.parse(uri), character.id) for uri in character.references
        ]
        for character in tools.production.characters
    }
    training, test = split_for_test(shown)
    contents: dict[DatasetType, list[LabelledPicture]] = {"TRAIN": training, "TEST": test}
    for kind, pictures in contents.items():
        if kind not in project.datasets:
            _create_dataset(tools, custom, project, kind, pictures)


def _create_dataset(
    tools: ToolBox,
    custom: RekognitionCustom,
    project: ProjectState,
    kind: DatasetType,
    pictures: Iterable[LabelledPicture],
) -> None:
    place = tools.workspace.detector(project.name) / f"{kind.lower()}.manifest"
    text = manifest_text(pictures, iso(tools.clock()))
    tools.objects.put(place, text.encode(), "application/jsonlines")
    custom.create_dataset(project.arn, kind, place)


def _labelled(tools: ToolBox, uri: S3Uri, character: str) -> LabelledPicture:
    picture = decode_rgb(tools.objects.get(uri))
    height, width = picture.shape[:2]
    return LabelledPicture(str(uri), width, height, character, figure_rect(picture))


def _datasets_ready(custom: RekognitionCustom, project: str) -> bool:
    """Whether both datasets have been read; raises RemoteFailure when one cannot be."""
    found = custom.find_project(project)
    datasets = found.datasets.values() if found else ()
    for dataset in datasets:
        if dataset.status == "CREATE_FAILED":
            raise _unreadable(custom, project, dataset)
    return len(datasets) == 2 and all(one.status == "CREATE_COMPLETE" for one in datasets)


def _unreadable(custom: RekognitionCustom, project: str, dataset: DatasetState) -> RemoteFailure:
    # It would stand in the way of the next try.
    custom.delete_dataset(dataset.arn)
    return RemoteFailure(
        f"A dataset of {project} could not be read: {dataset.message} May Rekognition read the "
        "bucket? Then clear prepare_detectors."
    )


def _train(
    tools: ToolBox, custom: RekognitionCustom, project: ProjectState, name: str
) -> VersionState:
    claim(tools, "custom labels model", project.name)
    output = tools.workspace.detector(project.name) / name
    custom.train(project.arn, name, output, lease_until(tools, None))
    found = {version.version: version for version in custom.versions(project.arn)}[name]
    log.info("Training %s. It is billed by the hour, and cannot be stopped.", found.arn)
    return found
