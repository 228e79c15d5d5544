"""Clusters and task definitions."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

CLUSTER, DEFINITION = "ecs-cluster", "ecs-task-definition"
DEFAULT_CLUSTER = "default"
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def create_cluster(request: Request, context: Context) -> Answer:
    """Create a cluster, or return the existing one."""
    name = request.get("clusterName", DEFAULT_CLUSTER)
    _require_name("Cluster name", name)
    context.state.create(CLUSTER, name, {"name": name})
    return {"cluster": _describe_cluster(name, context)}


def _describe_cluster(name: str, context: Context) -> dict[str, Any]:
    return {
        "clusterArn": arn(context, "cluster", name),
        "clusterName": name,
        "status": "ACTIVE",
    }


def describe_clusters(request: Request, context: Context) -> Answer:
    """Return clusters by name or ARN; unknown ones are failures of reason MISSING."""
    found, failures = [], []
    for named in request.get("clusters", [DEFAULT_CLUSTER]):
        name = named.rpartition("/")[2]
        if context.state.get(CLUSTER, name) is None:
            failures.append({"arn": arn(context, "cluster", name), "reason": "MISSING"})
        else:
            found.append(_describe_cluster(name, context))
    return {"clusters": found, "failures": failures}


def require_cluster(request: Mapping[str, Any], context: Context) -> str:
    """Return the name of a request's cluster; raises ServiceError ClusterNotFoundException."""
    name = str(request.get("cluster", DEFAULT_CLUSTER)).rpartition("/")[2]
    if context.state.get(CLUSTER, name) is None:
        raise ServiceError("ClusterNotFoundException", "Cluster not found.")
    return name


def register_task_definition(request: Request, context: Context) -> Answer:
    """Register a new revision of the family, with one container."""
    family, containers = request["family"], request["containerDefinitions"]
    _require_name("Family", family)
    if len(containers) != 1:
        raise ServiceError(
            "ClientException", "The local endpoint runs task definitions of one container."
        )
    for member in ("name", "image"):
        if not containers[0].get(member):
            raise ServiceError(
                "ClientException", f"Container.{member} should not be null or empty."
            )
    tags = request.get("tags", [])
    with context.state.transaction():
        revision = 1 + max(
            (item["revision"] for item in _find_revisions(family, context)), default=0
        )
        kept = {name: value for name, value in request.items() if name != "tags"}
        document = {
            **kept,
            "taskDefinitionArn": arn(context, "task-definition", f"{family}:{revision}"),
            "revision": revision,
            "status": "ACTIVE",
            "registeredAt": context.now().isoformat(),
        }
        context.state.put(DEFINITION, f"{family}:{revision}", document)
    return {"taskDefinition": _describe(document), **({"tags": tags} if tags else {})}


def describe_task_definition(request: Request, context: Context) -> Answer:
    """Return a revision, or the latest one of a family."""
    return {"taskDefinition": _describe(find_definition(request["taskDefinition"], context))}


def find_definition(named: str, context: Context) -> Document:
    """Find a definition by family, `family:revision` or ARN; ClientException if there is none."""
    name = named.rpartition("/")[2]
    family, _, revision = name.partition(":")
    if revision:
        document = context.state.get(DEFINITION, name)
    else:
        revisions = _find_revisions(family, context)
        document = max(revisions, key=lambda item: item["revision"], default=None)
    if document is None:
        raise ServiceError("ClientException", "Unable to describe task definition.")
    return document


def _find_revisions(family: str, context: Context) -> list[Document]:
    return [item for item in context.state.list(DEFINITION) if item["family"] == family]


def _describe(document: Document) -> dict[str, Any]:
    return parse_times(document, "registeredAt")


def parse_times(document: Document, *names: str) -> dict[str, Any]:
    """Return the document with the named texts as times."""
    times = {name: datetime.fromisoformat(document[name]) for name in names if name in document}
    return {**document, **times}


def arn(context: Context, kind: str, name: str) -> str:
    """Return the ARN of an ECS resource."""
    return f"arn:aws:ecs:{context.region}:{context.account_id}:{kind}/{name}"


def _require_name(what: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise ServiceError(
            "ClientException",
            f"{what} should contain only alphanumeric characters, hyphens and underscores, "
            "255 at most.",
        )
