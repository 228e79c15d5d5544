"""Makes what `aws_blueprint` describes in an account: each setting is read, compared, and written
only when it differs. What others have put beside it stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from botocore.exceptions import ClientError

from launcher import aws_blueprint as blueprint
from launcher.aws_blueprint import Names
from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE

Done = Literal["created", "changed", "unchanged"]
#: What services answer for "not there", by what was asked for.
MISSING = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchCORSConfiguration",
        "NoSuchEntity",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)


class Clients(Protocol):
    """Gives a boto3 client for a service."""

    def __call__(self, service: str) -> Any: ...


@dataclass(frozen=True)
class Setting:
    """Something in the account: how it is read (None: it is not there) and written."""

    name: str
    wanted: Any
    read: Callable[[], Any]
    write: Callable[[], object]

    def settle(self) -> Done:
        """Write it unless it is as wanted."""
        found = or_none(self.read)
        if found == self.wanted:
            return "unchanged"
        self.write()
        return "created" if found is None else "changed"


def or_none(read: Callable[[], Any]) -> Any:
    """What is read, or None where the service says that it is not there."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise


def set_up(policies: Path, clients: Clients, names: Names) -> Iterator[tuple[str, Done]]:
    """Settle everything, in an order in which each finds what it names."""
    for setting in settings(policies, clients, names):
        yield setting.name, setting.settle()


def settings(policies: Path, clients: Clients, names: Names) -> Iterator[Setting]:
    """All settings; later ones may be read only when the earlier ones are settled."""
    s3, sqs, iam = clients("s3"), clients("sqs"), clients("iam")
    yield from _bucket(policies, s3, names)
    yield from _queues(policies, sqs, names)
    yield _notification(s3, names)
    for role, stem in blueprint.ROLES.items():
        yield from _role(policies, iam, names, role, stem)


def _bucket(policies: Path, s3: Any, names: Names) -> Iterator[Setting]:
    bucket = names.bucket
    place = {} if names.region == "us-east-1" else {"LocationConstraint": names.region}
    yield Setting(
        f"bucket {bucket}",
        True,
        lambda: bool(s3.head_bucket(Bucket=bucket)),
        lambda: s3.create_bucket(
            Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {})
        ),
    )
    yield Setting(
        "  public access is blocked",
        blueprint.PUBLIC_ACCESS,
        lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
        lambda: s3.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration=blueprint.PUBLIC_ACCESS
        ),
    )
    yield _encryption(s3, bucket)
    yield _among_others(
        "  policy: TLS only",
        blueprint.policy(policies, names, "bucket-policy")["Statement"],
        "Sid",
        lambda: json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"],
        lambda statements: s3.put_bucket_policy(Bucket=bucket, Policy=_document(statements)),
    )
    yield _among_others(
        "  lifecycle: what is temporary ends",
        [blueprint.LIFECYCLE_RULE],
        "ID",
        lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
        lambda rules: s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": rules}
        ),
    )
    yield _among_others(
        "  CORS: reviewers see the pictures",
        [blueprint.CORS_RULE],
        "ID",
        lambda: s3.get_bucket_cors(Bucket=bucket)["CORSRules"],
        lambda rules: s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules}),
    )


def _encryption(s3: Any, bucket: str) -> Setting:
    """Whatever encrypts by default is left: an administrator may have chosen a key."""

    def read() -> bool:
        answer = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        return bool(answer["Rules"])

    rule = {"ApplyServerSideEncryptionByDefault": blueprint.ENCRYPTION}
    return Setting(
        "  encrypted by default",
        True,
        read,
        lambda: s3.put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
        ),
    )


def _queues(policies: Path, sqs: Any, names: Names) -> Iterator[Setting]:
    yield _queue(sqs, REJECTED_QUEUE, blueprint.rejected_attributes())
    uploads = {
        **blueprint.uploads_attributes(names),
        "Policy": blueprint.policy(policies, names, "queue-policy"),
    }
    yield _queue(sqs, UPLOADS_QUEUE, uploads)


def _queue(sqs: Any, name: str, attributes: dict[str, Any]) -> Setting:
    """A queue; numbers and documents travel as text."""
    sent = {k: json.dumps(v) if isinstance(v, dict) else str(v) for k, v in attributes.items()}

    def read() -> dict[str, Any]:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {k: json.loads(found[k]) for k in attributes if k in found}

    def write() -> None:
        url = or_none(lambda: sqs.get_queue_url(QueueName=name)["QueueUrl"])
        if url is None:
            sqs.create_queue(QueueName=name, Attributes=sent)
        else:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=sent)

    return Setting(f"queue {name}", attributes, read, write)


def _notification(s3: Any, names: Names) -> Setting:
    def read() -> list[dict[str, Any]]:
        answer = s3.get_bucket_notification_configuration(Bucket=names.bucket)
        return list(answer.get("QueueConfigurations", []))

    def write(queues: list[dict[str, Any]]) -> None:
        answer = s3.get_bucket_notification_configuration(Bucket=names.bucket)
        answer.pop("ResponseMetadata", None)
        s3.put_bucket_notification_configuration(
            Bucket=names.bucket,
            NotificationConfiguration={**answer, "QueueConfigurations": queues},
        )

    name = f"uploads into {names.prefix}{blueprint.INCOMING} are announced"
    return _among_others(name, [blueprint.notification(names)], "Id", read, write)


def _role(policies: Path, iam: Any, names: Names, role: str, stem: str) -> Iterator[Setting]:
    trust = blueprint.policy(policies, names, f"{stem}-trust")
    access = blueprint.policy(policies, names, f"{stem}-access")

    def write_trust() -> None:
        if or_none(lambda: iam.get_role(RoleName=role)) is None:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        else:
            iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))

    yield Setting(
        f"role {role}",
        trust,
        lambda: iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"],
        write_trust,
    )
    named = {"RoleName": role, "PolicyName": blueprint.ACCESS_POLICY}
    yield Setting(
        "  may do what it has to",
        access,
        lambda: iam.get_role_policy(**named)["PolicyDocument"],
        lambda: iam.put_role_policy(**named, PolicyDocument=json.dumps(access)),
    )


def _among_others(
    name: str,
    ours: list[dict[str, Any]],
    key: str,
    read: Callable[[], list[dict[str, Any]]],
    write: Callable[[list[dict[str, Any]]], object],
) -> Setting:
    """Entries of a list that others write into too, told apart by ``key``."""
    ids = [entry[key] for entry in ours]

    def read_ours() -> list[dict[str, Any]] | None:
        return [entry for entry in read() if entry.get(key) in ids] or None

    def write_all() -> None:
        write([*without(or_none(read) or [], key, ids), *ours])

    return Setting(name, ours, read_ours, write_all)


def without(
    entries: Iterable[dict[str, Any]], key: str, ids: Iterable[str]
) -> list[dict[str, Any]]:
    """The entries whose key is none of the ids: those of others."""
    gone = set(ids)
    return [entry for entry in entries if entry.get(key) not in gone]


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
