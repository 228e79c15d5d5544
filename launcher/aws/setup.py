"""Creates in an account what `blueprint` describes.

Each setting is read, compared, and written only if it differs. What others have added stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import ClientError

from launcher.aws import blueprint
from launcher.aws.announcers import explain_others
from launcher.aws.blueprint import Names, Workers
from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE, Clients

Change = Literal["created", "changed", "unchanged", "left to others"]
#: The error codes with which services say that something does not exist.
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


@dataclass(frozen=True)
class Applied:
    """What happened to one setting; `remark` says what is left to do."""

    name: str
    change: Change
    remark: str = ""


@dataclass(frozen=True)
class Setting:
    """One setting of the account: how to read it and how to write it."""

    name: str
    wanted: Any
    read: Callable[[], Any]
    write: Callable[[], object]
    left_alone: str = ""  # why others take care of it, and what is left to do; it is not written

    def apply(self) -> Change:
        """Write the setting unless it is as wanted, or others take care of it."""
        if self.left_alone:
            return "left to others"
        found = read_or_none(self.read)
        if found == self.wanted:
            return "unchanged"
        self.write()
        return "created" if found is None else "changed"


def read_or_none(read: Callable[[], Any]) -> Any:
    """Return what `read` returns, or None if the service says that it does not exist."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise


def read_names(sts: Any, bucket: str, prefix: str = "") -> Names:
    """Read account, region and partition of the caller, with the bucket and prefix given."""
    caller = sts.get_caller_identity()
    return Names(
        account=caller["Account"],
        region=sts.meta.region_name,
        bucket=bucket,
        prefix=prefix,
        partition=caller["Arn"].split(":")[1],
    )


def set_up(
    policies: Path, clients: Clients, names: Names, workers: Workers = "account"
) -> Iterator[Applied]:
    """Apply all settings in the order of their dependencies; yield what happened to each."""
    for setting in list_settings(policies, clients, names, workers):
        yield Applied(setting.name, setting.apply(), setting.left_alone)


def list_settings(
    policies: Path, clients: Clients, names: Names, workers: Workers = "account"
) -> Iterator[Setting]:
    """Yield all settings; each can be read only once the earlier ones are applied."""
    s3, sqs, iam = clients("s3"), clients("sqs"), clients("iam")
    yield from _bucket_settings(policies, s3, names)
    yield from _queue_settings(policies, sqs, names)
    yield _notification_setting(s3, names, _read_statements(sqs))
    for role in blueprint.ROLES:
        yield from _role_settings(policies, iam, names, role, workers)


def _bucket_settings(policies: Path, s3: Any, names: Names) -> Iterator[Setting]:
    bucket = names.bucket
    location = {} if names.region == "us-east-1" else {"LocationConstraint": names.region}
    yield Setting(
        f"bucket {bucket}",
        True,
        lambda: bool(s3.head_bucket(Bucket=bucket)),
        lambda: s3.create_bucket(
            Bucket=bucket, **({"CreateBucketConfiguration": location} if location else {})
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
    yield _encryption_setting(s3, names)
    yield _shared_list_setting(
        "  policy: TLS only, Custom Labels of this account",
        blueprint.read_policy(policies, names, "bucket-policy")["Statement"],
        "Sid",
        lambda: json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"],
        lambda statements: s3.put_bucket_policy(Bucket=bucket, Policy=_document(statements)),
    )
    yield _shared_list_setting(
        "  lifecycle: temporary objects expire",
        [blueprint.LIFECYCLE_RULE],
        "ID",
        lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
        lambda rules: s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": rules}
        ),
    )
    yield _shared_list_setting(
        "  CORS: reviewers see the pictures",
        [blueprint.CORS_RULE],
        "ID",
        lambda: s3.get_bucket_cors(Bucket=bucket)["CORSRules"],
        lambda rules: s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules}),
    )


def _encryption_setting(s3: Any, names: Names) -> Setting:
    """Encryption with the key of the names; without one, any that is there is kept.

    Other choices of an administrator about the key stay. An alias is replaced by the key's ARN.
    """
    rule = blueprint.encryption_rule(names)
    key_id = names.key.rpartition("/")[2]

    def read() -> Any:
        answer = s3.get_bucket_encryption(Bucket=names.bucket)
        (found,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
        named = found.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", "")
        return rule if not key_id or named in (key_id, names.key) else found

    return Setting(
        f"  encrypted by default{' with the key' if names.key else ''}",
        rule,
        read,
        lambda: s3.put_bucket_encryption(
            Bucket=names.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
        ),
    )


def _queue_settings(policies: Path, sqs: Any, names: Names) -> Iterator[Setting]:
    yield _queue_setting(sqs, REJECTED_QUEUE, blueprint.dead_letter_attributes())
    uploads = {
        **blueprint.uploads_attributes(names),
        "Policy": _merge_policy(blueprint.read_policy(policies, names, "queue-policy"), sqs),
    }
    yield _queue_setting(sqs, UPLOADS_QUEUE, uploads)


def _merge_policy(ours: dict[str, Any], sqs: Any) -> dict[str, Any]:
    """Return the policy of the queue of uploads: what others have added, and our statements."""
    found = _read_statements(sqs)
    if all(statement in found for statement in ours["Statement"]):
        return {**ours, "Statement": found}
    sids = [statement["Sid"] for statement in ours["Statement"]]
    return {**ours, "Statement": [*without(found, "Sid", sids), *ours["Statement"]]}


def _read_statements(sqs: Any) -> list[dict[str, Any]]:
    """Return the statements of the policy of the queue of uploads; none if it does not exist."""

    def read() -> Any:
        url = sqs.get_queue_url(QueueName=UPLOADS_QUEUE)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        return json.loads(found.get("Attributes", {}).get("Policy", "{}"))

    statements: list[dict[str, Any]] = (read_or_none(read) or {}).get("Statement", [])
    return statements


def _queue_setting(sqs: Any, name: str, attributes: dict[str, Any]) -> Setting:
    """A queue; its attributes travel as text."""
    sent = {k: json.dumps(v) if isinstance(v, dict) else str(v) for k, v in attributes.items()}

    def read() -> dict[str, Any]:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {k: json.loads(found[k]) for k in attributes if k in found}

    def write() -> None:
        url = read_or_none(lambda: sqs.get_queue_url(QueueName=name)["QueueUrl"])
        if url is None:
            sqs.create_queue(QueueName=name, Attributes=sent)
        else:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=sent)

    return Setting(f"queue {name}", attributes, read, write)


def _notification_setting(s3: Any, names: Names, queue_policy: list[dict[str, Any]]) -> Setting:
    def read_all() -> dict[str, Any]:
        answer = s3.get_bucket_notification_configuration(Bucket=names.bucket)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def read() -> list[dict[str, Any]]:
        return list(read_all().get("QueueConfigurations", []))

    def write(queues: list[dict[str, Any]]) -> None:
        s3.put_bucket_notification_configuration(
            Bucket=names.bucket,
            NotificationConfiguration={**read_all(), "QueueConfigurations": queues},
        )

    ours = blueprint.notification(names)
    name = f"uploads into {names.prefix}{blueprint.INCOMING} are announced"
    setting = _shared_list_setting(name, [ours], "Id", read, write)
    if ours in read():
        return setting
    return replace(setting, left_alone=explain_others(read_all(), queue_policy, names))


def _role_settings(
    policies: Path, iam: Any, names: Names, role: str, workers: Workers
) -> Iterator[Setting]:
    trust = blueprint.read_policy(policies, names, blueprint.trust_file(role, workers))
    access = blueprint.read_access(policies, names, role)

    def write_trust() -> None:
        if read_or_none(lambda: iam.get_role(RoleName=role)) is None:
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
        "  access policy",
        access,
        lambda: iam.get_role_policy(**named)["PolicyDocument"],
        lambda: iam.put_role_policy(**named, PolicyDocument=json.dumps(access)),
    )


def _shared_list_setting(
    name: str,
    ours: list[dict[str, Any]],
    key: str,
    read: Callable[[], list[dict[str, Any]]],
    write: Callable[[list[dict[str, Any]]], object],
) -> Setting:
    """Our entries of a list that others write too; ``key`` identifies an entry."""
    ids = [entry[key] for entry in ours]

    def read_ours() -> list[dict[str, Any]] | None:
        return [entry for entry in read() if entry.get(key) in ids] or None

    def write_all() -> None:
        write([*without(read_or_none(read) or [], key, ids), *ours])

    return Setting(name, ours, read_ours, write_all)


def without(
    entries: Iterable[dict[str, Any]], key: str, ids: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the entries whose key is none of the ids: those of others."""
    ours = set(ids)
    return [entry for entry in entries if entry.get(key) not in ours]


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
