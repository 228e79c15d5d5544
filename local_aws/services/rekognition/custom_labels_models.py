"""Custom Labels: training, running and calling models ("project versions").

Implemented: a version is trained on the boxes of the project's dataset, its states move by the
clock, it answers only while it runs, and every running hour is billed, as is the time of a training
that succeeds. The detector is `vision.finding.character_finder`, trained on up to 12 boxes of each
label. Training and starting fail by an injected fault of the kind "fail".
Not implemented: training data outside the project's dataset, evaluation on test data (no
EvaluationResult), scaling of inference units, copies of versions.
"""

import shutil
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.resource_pages import cut_page
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.custom_labels_manifest import (
    BadManifestError,
    LabelledCrop,
    read_labelled_crops,
)
from local_aws.services.rekognition.custom_labels_projects import (
    LARGEST_PAGE,
    VERSION,
    read_dataset,
    require_project,
)
from local_aws.services.rekognition.images import CUSTOM_LABELS_LIMITS, read_image
from local_aws.storage.state_store import Document
from local_aws.vision.finding.character_finder import find_characters
from local_aws.vision.picture_cache import answers, character_finder
from local_aws.vision.picture_codec import encode_png, limit_sides

MOST_BOXES_OF_A_LABEL = 12
MOST_LABELS = 250
CROP_SIDE = 512
DEFAULT_CONFIDENCE = 50.0
STOP_SECONDS = 1.0
MOST_INFERENCE_UNITS = 5

TRAINING = "TRAINING_IN_PROGRESS"
TRAINED = "TRAINING_COMPLETED"
UNTRAINED = "TRAINING_FAILED"
STARTING = "STARTING"
RUNNING = "RUNNING"
STOPPING = "STOPPING"
STOPPED = "STOPPED"
UNSTARTED = "FAILED"


def create_project_version(request: Request, context: Context) -> Answer:
    """Start a training; invalid data makes it fail later."""
    project = require_project(request["ProjectArn"], context)
    name = request["VersionName"]
    if any(each["name"] == name for each in _list_versions(project["arn"], context)):
        raise ServiceError("ResourceInUseException", f"The version {name} already exists")
    bucket = request["OutputConfig"].get("S3Bucket", "")
    if not context.objects.exists(bucket):
        raise ServiceError(
            "InvalidParameterException", f"The output bucket {bucket!r} does not exist."
        )
    stamp = time.time_ns() // 1_000_000
    arn = f"{project['arn'].rpartition('/')[0]}/version/{name}/{stamp}"
    created = context.now()
    document = {
        "arn": arn,
        "name": name,
        "project": project["arn"],
        "created": created.isoformat(),
        "trained": (
            created + timedelta(seconds=context.settings.customization_seconds)
        ).isoformat(),
        "failure": _find_injected_failure(context)
        or _train(_read_training_lines(request, context), arn, context),
        "output": request["OutputConfig"],
        "description": request.get("VersionDescription"),
        "tags": request.get("Tags", {}),
        "units": None,
        "ready": None,
        "stopped": None,
        "start_failure": None,
    }
    with context.state.transaction():
        context.state.put(VERSION, arn, document)
        if document["failure"] is None:
            hours = context.settings.customization_seconds / 3600
            context.meter.record("rekognition", "CustomLabelsTraining", {"hour": hours}, arn)
    return {"ProjectVersionArn": arn}


def describe_project_versions(request: Request, context: Context) -> Answer:
    """List the models of a project, newest first."""
    project = require_project(request["ProjectArn"], context)
    wanted = request.get("VersionNames")
    versions = [
        version
        for version in reversed(_list_versions(project["arn"], context))
        if wanted is None or version["name"] in wanted
    ]
    page, token = cut_page(versions, request, LARGEST_PAGE)
    now = context.now()
    return {"ProjectVersionDescriptions": [_describe(each, now) for each in page]} | token


def start_project_version(request: Request, context: Context) -> Answer:
    """Start a model: STARTING, then RUNNING and billed until it is stopped, or FAILED."""
    version = _require(request["ProjectVersionArn"], context)
    now = context.now()
    if status(version, now) not in (TRAINED, STOPPED, UNSTARTED):
        raise ServiceError(
            "ResourceInUseException",
            f"The model is {status(version, now)}; only a trained, stopped model can be started.",
        )
    units = request["MinInferenceUnits"]
    if max(units, request.get("MaxInferenceUnits", units)) > MOST_INFERENCE_UNITS:
        raise ServiceError(
            "LimitExceededException", f"At most {MOST_INFERENCE_UNITS} inference units are allowed."
        )
    _load_finder(version, context)
    ready = context.now() + timedelta(seconds=context.settings.throughput_seconds)
    with context.state.transaction():
        started = {
            **version,
            "units": units,
            "ready": ready.isoformat(),
            "stopped": None,
            "start_failure": _find_injected_failure(context),
        }
        context.state.put(VERSION, version["arn"], started, expected=version)
        if started["start_failure"] is None:
            context.meter.start(
                "rekognition", "DetectCustomLabels", "hour", version["arn"], units, at=ready
            )
    return {"Status": STARTING}


def stop_project_version(request: Request, context: Context) -> Answer:
    """Stop a model and end its billing: STOPPING, then STOPPED."""
    version = _require(request["ProjectVersionArn"], context)
    now = context.now()
    if status(version, now) not in (STARTING, RUNNING):
        raise ServiceError(
            "ResourceInUseException", f"The model is {status(version, now)} and cannot be stopped."
        )
    stopped = now + timedelta(seconds=min(STOP_SECONDS, context.settings.throughput_seconds))
    with context.state.transaction():
        context.state.put(VERSION, version["arn"], {**version, "stopped": stopped.isoformat()})
        context.meter.stop(version["arn"], now)
    return {"Status": STOPPING}


def delete_project_version(request: Request, context: Context) -> Answer:
    """Delete a model; rejected while it trains, starts, runs or stops."""
    version = _require(request["ProjectVersionArn"], context)
    now = context.now()
    if status(version, now) not in (TRAINED, UNTRAINED, STOPPED, UNSTARTED):
        raise ServiceError(
            "ResourceInUseException", f"The model is {status(version, now)}; stop it first."
        )
    context.state.delete(VERSION, version["arn"])
    shutil.rmtree(_find_folder(version["arn"], context), ignore_errors=True)
    return {"Status": "DELETING"}


def detect_custom_labels(request: Request, context: Context) -> Answer:
    """Return labels with boxes, highest confidence first.

    Raises:
        ServiceError: ResourceNotReadyException unless the model is running.
    """
    version = _require(request["ProjectVersionArn"], context)
    if status(version, context.now()) != RUNNING:
        raise ServiceError(
            "ResourceNotReadyException",
            f"The model is {status(version, context.now())}; start it and wait until it runs.",
        )
    image = read_image(request["Image"], context, CUSTOM_LABELS_LIMITS)
    digest, model = _load_finder(version, context)
    findings = answers.get(
        ("custom", digest, image.sha256), lambda: find_characters(model, image.pixels())
    )
    least = request.get("MinConfidence", DEFAULT_CONFIDENCE)
    labels = [
        {
            "Name": finding.character,
            "Confidence": 100 * finding.confidence,
            "Geometry": {"BoundingBox": image.ratios(left, top, right - left, bottom - top)},
        }
        for finding in findings
        for left, top, right, bottom in [finding.box]
        if 100 * finding.confidence >= least
    ]
    return {"CustomLabels": labels[: request.get("MaxResults", len(labels))]}


def status(version: Document, now: datetime) -> str:
    """Return the state of a version at `now`."""
    if now < datetime.fromisoformat(version["trained"]):
        return TRAINING
    if version["failure"] is not None:
        return UNTRAINED
    if version["stopped"] is not None:
        return STOPPING if now < datetime.fromisoformat(version["stopped"]) else STOPPED
    if version["ready"] is not None:
        if now < datetime.fromisoformat(version["ready"]):
            return STARTING
        return RUNNING if version["start_failure"] is None else UNSTARTED
    return TRAINED


def _find_injected_failure(context: Context) -> str | None:
    """Return the reason of the failure injected into what this call starts, or None."""
    return context.injected_failure.message if context.injected_failure else None


def _read_training_lines(request: Request, context: Context) -> list[str]:
    if "TrainingData" in request:
        raise ServiceError(
            "InvalidParameterException", "The local endpoint trains on the project's dataset only."
        )
    lines = read_dataset(request["ProjectArn"], context)
    if lines is None:
        raise ServiceError("InvalidParameterException", "The project has no training dataset.")
    return lines


def _train(lines: list[str], arn: str, context: Context) -> str | None:
    """Store the training crops; return why training fails, or None."""
    try:
        chosen = _choose_crops(read_labelled_crops(context, lines))
    except BadManifestError as error:
        return str(error)
    if not 1 <= len(chosen) <= MOST_LABELS:
        return f"The training data has {len(chosen)} labels; 1 to {MOST_LABELS} are needed."
    folder = _find_folder(arn, context)
    for number, (label, crops) in enumerate(sorted(chosen.items())):
        place = folder / f"{number:03d}"
        place.mkdir(parents=True)
        (place / "label.txt").write_text(label, encoding="utf-8")
        for index, crop in enumerate(crops):
            (place / f"{index:03d}.png").write_bytes(
                encode_png(limit_sides(crop.pixels, CROP_SIDE)[0])
            )
    return None


def _choose_crops(crops: Iterable[LabelledCrop]) -> dict[str, list[LabelledCrop]]:
    """Return up to 12 crops of each label, spread evenly over the data."""
    by_label: dict[str, list[LabelledCrop]] = defaultdict(list)
    for crop in crops:
        by_label[crop.label].append(crop)
    return {
        label: found[:: -(-len(found) // MOST_BOXES_OF_A_LABEL)]
        for label, found in by_label.items()
    }


def _load_finder(version: Document, context: Context) -> tuple[str, Any]:
    folder = _find_folder(version["arn"], context)
    references = [
        ((place / "label.txt").read_text(encoding="utf-8"), picture.read_bytes())
        for place in sorted(folder.iterdir())
        for picture in sorted(place.glob("*.png"))
    ]
    return character_finder(context.settings.data_dir, references)


def _find_folder(arn: str, context: Context) -> Path:
    return context.settings.data_dir / "custom_labels" / arn.rpartition("/")[2]


def _list_versions(project_arn: str, context: Context) -> list[Document]:
    return [each for each in context.state.list(VERSION) if each["project"] == project_arn]


def _require(arn: str, context: Context) -> Document:
    version = context.state.get(VERSION, arn)
    if version is None:
        raise ServiceError("ResourceNotFoundException", f"The model {arn} does not exist")
    return version


def _describe(version: Document, now: datetime) -> dict[str, Any]:
    state = status(version, now)
    description: dict[str, Any] = {
        "ProjectVersionArn": version["arn"],
        "CreationTimestamp": datetime.fromisoformat(version["created"]),
        "Status": state,
        "StatusMessage": _find_message(version, state),
        "OutputConfig": version["output"],
        "Feature": "CUSTOM_LABELS",
    }
    if version["description"] is not None:
        description["VersionDescription"] = version["description"]
    if state != TRAINING:
        description["TrainingEndTimestamp"] = datetime.fromisoformat(version["trained"])
    if state not in (TRAINING, UNTRAINED):
        created = datetime.fromisoformat(version["created"])
        trained = datetime.fromisoformat(version["trained"])
        description["BillableTrainingTimeInSeconds"] = round((trained - created).total_seconds())
    if state in (STARTING, RUNNING):
        description["MinInferenceUnits"] = version["units"]
    return description


def _find_message(version: Document, state: str) -> str:
    """Return the reason of a failure, or a sentence with the state."""
    failures = {UNTRAINED: version["failure"], UNSTARTED: version["start_failure"]}
    return failures.get(state) or f"The model is {state}."
