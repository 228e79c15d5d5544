"""Settings of a bucket that are stored and returned; only the encryption has an effect.

Every signed caller may do everything that needs no KMS key, and objects do not expire, whatever a
bucket's policy or lifecycle says. See `encryption` for what the encryption does.
"""

import json
import uuid
from datetime import datetime
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.checks.lifecycle_rules import require_valid_rules
from local_aws.storage.state_store import StateStore

ACCESS_KIND, ENCRYPTION_KIND = "s3-public-access-block", "s3-encryption"
LIFECYCLE_KIND, POLICY_KIND = "s3-lifecycle", "s3-policy"
KINDS = (ACCESS_KIND, ENCRYPTION_KIND, LIFECYCLE_KIND, POLICY_KIND)
SMALLEST_TRANSITION = "all_storage_classes_128K"
ACCESS_BY_DEFAULT = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)
MISSING = {
    ACCESS_KIND: (
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    LIFECYCLE_KIND: (
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
    POLICY_KIND: ("NoSuchBucketPolicy", "The bucket policy does not exist"),
}
#: What every bucket has from its creation on (since January 2023).
ENCRYPTION_BY_DEFAULT: dict[str, Any] = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}


def put_public_access_block(request: Request, context: Context) -> Answer:
    """Replace the settings that block public access."""
    if not request["PublicAccessBlockConfiguration"]:
        raise ServiceError("InvalidRequest", "Must specify at least one configuration.")
    setting = {**ACCESS_BY_DEFAULT, **request["PublicAccessBlockConfiguration"]}
    return _store(ACCESS_KIND, request, setting, context)


def get_public_access_block(request: Request, context: Context) -> Answer:
    """Return the stored setting; NoSuchPublicAccessBlockConfiguration if there is none."""
    return {"PublicAccessBlockConfiguration": _read(ACCESS_KIND, request, context)}


def put_bucket_encryption(request: Request, context: Context) -> Answer:
    """Replace the default encryption of new objects; whether the key exists is not checked."""
    rules = request["ServerSideEncryptionConfiguration"]["Rules"]
    if len(rules) != 1:
        raise ServiceError("MalformedXML", "The encryption configuration must have one rule.")
    setting = {"Rules": [{"BucketKeyEnabled": False, **rule} for rule in rules]}
    return _store(ENCRYPTION_KIND, request, setting, context)


def get_bucket_encryption(request: Request, context: Context) -> Answer:
    """Return the stored setting; S3 managed keys by default."""
    context.objects.require_bucket(request["Bucket"])
    return {"ServerSideEncryptionConfiguration": read_encryption(context.state, request["Bucket"])}


def read_encryption(state: StateStore, bucket: str) -> dict[str, Any]:
    """Return the default encryption of a bucket: one rule."""
    document = state.get(ENCRYPTION_KIND, bucket)
    return document["setting"] if document else ENCRYPTION_BY_DEFAULT


def put_bucket_lifecycle_configuration(request: Request, context: Context) -> Answer:
    """Replace the bucket's rules, if they are valid; nothing ever expires by them."""
    rules = request.get("LifecycleConfiguration", {}).get("Rules", [])
    require_valid_rules(rules)
    smallest = request.get("TransitionDefaultMinimumObjectSize", SMALLEST_TRANSITION)
    named = [{"ID": rule.get("ID") or str(uuid.uuid4()), **rule} for rule in rules]
    setting = {"Rules": _write_dates(named), "TransitionDefaultMinimumObjectSize": smallest}
    _store(LIFECYCLE_KIND, request, setting, context)
    return {"TransitionDefaultMinimumObjectSize": smallest}


def get_bucket_lifecycle_configuration(request: Request, context: Context) -> Answer:
    """Return the stored rules; NoSuchLifecycleConfiguration if there are none."""
    kept = _read(LIFECYCLE_KIND, request, context)
    return {**kept, "Rules": _read_dates(kept["Rules"])}


def _write_dates(rules: Any) -> Any:
    """Return the rules with their dates as ISO 8601 text, which the store can hold."""
    return json.loads(json.dumps(rules, default=datetime.isoformat))


def _read_dates(rules: Any) -> Any:
    def read_date(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "Date": datetime.fromisoformat(item["Date"])} if "Date" in item else item

    return json.loads(json.dumps(rules), object_hook=read_date)


def put_bucket_policy(request: Request, context: Context) -> Answer:
    """Replace the bucket's policy; MalformedPolicy if it is not JSON."""
    try:
        json.loads(request["Policy"])
    except ValueError as error:
        raise ServiceError("MalformedPolicy", "Policies must be valid JSON") from error
    return _store(POLICY_KIND, request, request["Policy"], context)


def get_bucket_policy(request: Request, context: Context) -> Answer:
    """Return the stored policy; NoSuchBucketPolicy if there is none."""
    return {"Policy": _read(POLICY_KIND, request, context)}


def _store(kind: str, request: Request, setting: Any, context: Context) -> Answer:
    context.objects.require_bucket(request["Bucket"])
    context.state.put(kind, request["Bucket"], {"setting": setting})
    return {}


def _read(kind: str, request: Request, context: Context) -> Any:
    context.objects.require_bucket(request["Bucket"])
    document = context.state.get(kind, request["Bucket"])
    if document is None:
        code, message = MISSING[kind]
        raise ServiceError(code, message, BucketName=request["Bucket"])
    return document["setting"]
