"""Server-side encryption: which key an object gets, and who may use that key.

Nothing is encrypted. An object of a bucket with SSE-KMS names its key in answers, its ETag is not
its MD5, and who reads or writes it needs the key: kms:Decrypt to read, kms:GenerateDataKey to
write or to begin an upload in parts, kms:Decrypt for the parts (S3 API Reference, PutObject and
CreateMultipartUpload).
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from local_aws.operations.context import Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.kms import keys
from local_aws.services.kms.key_rights import require_use
from local_aws.services.s3 import bucket_settings
from local_aws.storage.object_store import BY_S3, Encryption, StoredObject
from local_aws.storage.state_store import StateStore

READ, WRITE = ("kms:Decrypt",), ("kms:GenerateDataKey",)
#: S3 reads the parts of an upload when it makes an object of them.
WRITE_PART = READ


def choose(request: Request, context: Context) -> Encryption:
    """Return how a new object is encrypted: as the request says, else by the bucket's default.

    Raises ServiceError if the key does not exist, or is named without SSE-KMS.
    """
    default = read_default(context.state, request["Bucket"])
    algorithm = request.get("ServerSideEncryption")
    if "SSEKMSKeyId" in request and algorithm in (None, BY_S3.algorithm):
        raise ServiceError(
            "InvalidArgument",
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            ArgumentName="x-amz-server-side-encryption",
        )
    if algorithm is None:
        return _with_arn(default, context)
    by_bucket_key = request.get("BucketKeyEnabled", default.bucket_key)
    return _with_arn(Encryption(algorithm, request.get("SSEKMSKeyId", ""), by_bucket_key), context)


def _with_arn(chosen: Encryption, context: Context) -> Encryption:
    """Return an encryption that names its key by ARN; without a name, it is AWS's key for S3."""
    if not chosen.by_kms:
        return BY_S3
    try:
        key = keys.find(context, chosen.key or keys.S3_ALIAS)
    except ServiceError as error:
        raise _as_s3_error(error) from error
    return Encryption(chosen.algorithm, key["arn"], chosen.bucket_key)


def read_default(state: StateStore, bucket: str) -> Encryption:
    """Return the bucket's default encryption, with the key as it was named."""
    (rule,) = bucket_settings.read_encryption(state, bucket)["Rules"]
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    return Encryption(
        default.get("SSEAlgorithm", BY_S3.algorithm),
        default.get("KMSMasterKeyID", ""),
        rule.get("BucketKeyEnabled", False),
    )


def require_key(
    context: Context, encryption: Encryption, actions: tuple[str, ...], principal: str = ""
) -> None:
    """Raise ServiceError unless a user or role, by default the caller, may use the key."""
    if not encryption.by_kms:
        return
    for action in actions:
        try:
            require_use(context, encryption.key, action, principal or context.caller, "s3")
        except ServiceError as error:
            raise _as_s3_error(error) from error


def _as_s3_error(error: ServiceError) -> ServiceError:
    """Return the error of KMS as S3 passes it on."""
    if error.code == "AccessDeniedException":
        return ServiceError("AccessDenied", error.message)
    return ServiceError(f"KMS.{error.code}", error.message)


def describe(encryption: Encryption) -> dict[str, Any]:
    """Return the members of an answer that say how an object is encrypted."""
    if not encryption.by_kms:
        return {"ServerSideEncryption": encryption.algorithm}
    by_bucket_key = {"BucketKeyEnabled": True} if encryption.bucket_key else {}
    return {
        "ServerSideEncryption": encryption.algorithm,
        "SSEKMSKeyId": encryption.key,
        **by_bucket_key,
    }


def make_part_etag(encryption: Encryption, upload_id: str, md5: str) -> str:
    """Return the ETag of a part: its MD5, and with SSE-KMS another digest."""
    if not encryption.by_kms:
        return md5
    return hashlib.blake2b(f"{upload_id}{md5}".encode(), digest_size=16).hexdigest()


def read_encryption(attributes: Mapping[str, Any]) -> Encryption:
    """Return how the object of an upload in parts will be encrypted."""
    return Encryption(**attributes.get("encryption", {}))


def make_reader(context: Context, role_arn: str = "") -> Callable[[str, str], bytes]:
    """Return a function that reads (bucket, key) as a service does with a role or for the caller.

    It raises ServiceError like GetObject. Of the role's rights, only those on the key count.
    """

    def read(bucket: str, key: str) -> bytes:
        stored = context.objects.head(bucket, key)
        require_key(context, stored.description.encryption, READ, role_arn)
        return context.objects.get(bucket, key)

    return read


def write_as_role(
    context: Context,
    role_arn: str,
    bucket: str,
    key: str,
    body: bytes | BinaryIO,
    content_type: str,
    key_id: str = "",
) -> StoredObject:
    """Write an object as a service does with this role; raises ServiceError like PutObject.

    `key_id` names a key of KMS; by default the object is encrypted as its bucket says.
    """
    context.objects.require_bucket(bucket)
    by_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
    encryption = choose({"Bucket": bucket, **by_key}, context)
    require_key(context, encryption, WRITE, role_arn)
    return context.objects.put(bucket, key, body, content_type, encryption)
