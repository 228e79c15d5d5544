"""Custom Labels: projects and datasets.

Implemented: projects hold one training and one test dataset, read from a manifest when they are
created.
Not implemented: editing and distributing dataset entries.
"""

import time
from datetime import datetime
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.resource_pages import cut_page
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.custom_labels_manifest import (
    BadManifestError,
    read_labelled_crops,
    read_manifest,
)
from local_aws.storage.state_store import Document

PROJECT = "rekognition-project"
DATASET = "rekognition-dataset"
VERSION = "rekognition-project-version"
LARGEST_PAGE = 100


def create_project(request: Request, context: Context) -> Answer:
    """Create a project; projects for content moderation are rejected."""
    if request.get("Feature", "CUSTOM_LABELS") != "CUSTOM_LABELS":
        raise ServiceError(
            "InvalidParameterException",
            "The local endpoint supports the feature CUSTOM_LABELS only.",
        )
    name = request["ProjectName"]
    with context.state.transaction():
        if any(project["name"] == name for project in context.state.list(PROJECT)):
            raise ServiceError(
                "ResourceInUseException", f"A project with the name {name} already exists"
            )
        arn = (
            f"arn:aws:rekognition:{context.region}:{context.account_id}"
            f":project/{name}/{time.time_ns() // 1_000_000}"
        )
        project = {
            "arn": arn,
            "name": name,
            "created": context.now().isoformat(),
            "tags": request.get("Tags", {}),
        }
        context.state.put(PROJECT, arn, project)
    return {"ProjectArn": arn}


def describe_projects(request: Request, context: Context) -> Answer:
    """List projects with their datasets, newest first."""
    wanted = request.get("ProjectNames")
    projects = [
        project
        for project in reversed(context.state.list(PROJECT))
        if wanted is None or project["name"] in wanted
    ]
    page, token = cut_page(projects, request, LARGEST_PAGE)
    answer = {"ProjectDescriptions": [_describe_project(project, context) for project in page]}
    return answer | token


def delete_project(request: Request, context: Context) -> Answer:
    """Delete a project and its datasets; rejected while it has models."""
    project = require_project(request["ProjectArn"], context)
    with context.state.transaction():
        if any(each["project"] == project["arn"] for each in context.state.list(VERSION)):
            raise ServiceError(
                "ResourceInUseException", "The project still has models; delete them first."
            )
        for dataset in _list_datasets(project["arn"], context):
            context.state.delete(DATASET, dataset["arn"])
        context.state.delete(PROJECT, project["arn"])
    return {"Status": "DELETING"}


def create_dataset(request: Request, context: Context) -> Answer:
    """Create a dataset from a manifest; CREATE_FAILED if the manifest is invalid."""
    project = require_project(request["ProjectArn"], context)
    kind = request["DatasetType"]
    if any(each["type"] == kind for each in _list_datasets(project["arn"], context)):
        raise ServiceError(
            "ResourceAlreadyExistsException", f"The project already has a {kind} dataset"
        )
    manifest = request.get("DatasetSource", {}).get("GroundTruthManifest")
    if manifest is None:
        raise ServiceError(
            "InvalidParameterException", "The local endpoint creates datasets from manifests only."
        )
    stamp = time.time_ns() // 1_000_000
    arn = f"{project['arn'].rpartition('/')[0]}/dataset/{kind.lower()}/{stamp}"
    document = {
        "arn": arn,
        "project": project["arn"],
        "type": kind,
        "created": context.now().isoformat(),
        "tags": request.get("Tags", {}),
        **_read_contents(manifest, context),
    }
    context.state.put(DATASET, arn, document)
    return {"DatasetArn": arn}


def delete_dataset(request: Request, context: Context) -> Answer:
    """Delete a dataset."""
    arn = request["DatasetArn"]
    if not context.state.delete(DATASET, arn):
        raise ServiceError("ResourceNotFoundException", f"The dataset {arn} does not exist")
    return {}


def require_project(arn: str, context: Context) -> Document:
    """Return the project; raises ServiceError ResourceNotFoundException."""
    project = context.state.get(PROJECT, arn)
    if project is None:
        raise ServiceError("ResourceNotFoundException", f"The project {arn} does not exist")
    return project


def read_dataset(project_arn: str, context: Context) -> list[str] | None:
    """Return the manifest lines of a project's training dataset, or None if it has none."""
    for dataset in _list_datasets(project_arn, context):
        if dataset["type"] == "TRAIN" and dataset["failure"] is None:
            return list(dataset["lines"])
    return None


def _read_contents(manifest: dict[str, Any], context: Context) -> dict[str, Any]:
    try:
        lines = read_manifest(context, manifest.get("S3Object", {}))
        for _ in read_labelled_crops(context, lines):  # every line must be readable
            pass
    except BadManifestError as error:
        return {"lines": [], "failure": str(error)}
    return {"lines": lines, "failure": None}


def _list_datasets(project_arn: str, context: Context) -> list[Document]:
    return [each for each in context.state.list(DATASET) if each["project"] == project_arn]


def _describe_status(dataset: Document) -> dict[str, str]:
    if dataset["failure"] is not None:
        return {
            "Status": "CREATE_FAILED",
            "StatusMessage": dataset["failure"],
            "StatusMessageCode": "CLIENT_ERROR",
        }
    return {
        "Status": "CREATE_COMPLETE",
        "StatusMessage": "The dataset was created.",
        "StatusMessageCode": "SUCCESS",
    }


def _describe_project(project: Document, context: Context) -> dict[str, Any]:
    return {
        "ProjectArn": project["arn"],
        "CreationTimestamp": datetime.fromisoformat(project["created"]),
        "Status": "CREATED",
        "Feature": "CUSTOM_LABELS",
        "Datasets": [
            {
                "CreationTimestamp": datetime.fromisoformat(dataset["created"]),
                "DatasetType": dataset["type"],
                "DatasetArn": dataset["arn"],
                **_describe_status(dataset),
            }
            for dataset in _list_datasets(project["arn"], context)
        ],
    }
