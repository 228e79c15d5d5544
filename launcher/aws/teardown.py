"""Removes what `setup` creates; a bucket with objects in it needs permission."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from botocore.exceptions import ClientError

from launcher.aws import blueprint
from launcher.aws.setup import read_or_none
from launcher.errors import UsageError
from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE, Clients

Removal = Literal["removed", "did not exist"]


def tear_down(clients: Clients, bucket: str, with_content: bool) -> Iterator[tuple[str, Removal]]:
    """Remove bucket, queues and roles; yield what happened to each.

    Raises:
        UsageError: the bucket holds objects and `with_content` is false; nothing is removed.
    """
    s3, sqs, iam = clients("s3"), clients("sqs"), clients("iam")
    exists = read_or_none(lambda: s3.head_bucket(Bucket=bucket)) is not None
    if exists and not with_content:
        _refuse_content(s3, bucket)
    if exists:
        _empty(s3, bucket)
        s3.delete_bucket(Bucket=bucket)
    yield f"bucket {bucket}", "removed" if exists else "did not exist"
    for queue in (UPLOADS_QUEUE, REJECTED_QUEUE):
        yield f"queue {queue}", _remove_queue(sqs, queue)
    for role in blueprint.ROLES:
        yield f"role {role}", _remove_role(iam, role)


def _refuse_content(s3: Any, bucket: str) -> None:
    found = s3.list_objects_v2(Bucket=bucket, MaxKeys=1).get("Contents", ())
    if found:
        raise UsageError(
            f"The bucket {bucket} holds objects, {found[0]['Key']} for one. Nothing was removed. "
            "Add WITH_CONTENT=1 to delete its films, datasets and results for good."
        )


def _empty(s3: Any, bucket: str) -> None:
    """Delete every object, and every version if the bucket keeps versions."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        _delete(s3, bucket, [{"Key": item["Key"]} for item in page.get("Contents", ())])
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") is None:
        return
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        _delete(s3, bucket, [{k: item[k] for k in ("Key", "VersionId")} for item in versions])


def _delete(s3: Any, bucket: str, keys: list[dict[str, str]]) -> None:
    if keys:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _remove_queue(sqs: Any, name: str) -> Removal:
    url = read_or_none(lambda: sqs.get_queue_url(QueueName=name)["QueueUrl"])
    if url is None:
        return "did not exist"
    sqs.delete_queue(QueueUrl=url)
    return "removed"


def _remove_role(iam: Any, role: str) -> Removal:
    try:
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        # Such as the rights that the stack of heavy tasks has added.
        for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=role)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return "did not exist"
    return "removed"
