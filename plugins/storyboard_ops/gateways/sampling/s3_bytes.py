"""Read ranges of a film's bytes from S3."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from storyboard_ops.domain.error_tree import (
    BrokenOff,
    Contended,
    KeyUnusable,
    NotFound,
    NotPermitted,
    ObjectMissing,
    ObjectNotFound,
    ServiceError,
    VideoUnreadable,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.aws.errors import CODES, translated
from storyboard_ops.gateways.storage.object_store import UNSEEN

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

log = logging.getLogger(__name__)

#: Tries for a range whose response breaks off; boto3 retries only until a response begins.
TRIES = 3
#: By error code of S3: why one object cannot be read, whatever the retries, and what to do.
REFUSALS = {
    **dict.fromkeys(
        (*CODES[Contended], "InvalidRange", "416"),
        "it was replaced since the run began; start a new run.",
    ),
    **dict.fromkeys(
        (*CODES[NotFound], *CODES[ObjectNotFound]),
        "it was removed since the run began; upload it and start a new run.",
    ),
    **dict.fromkeys(
        CODES[NotPermitted],
        "it may not be read; allow s3:GetObject and, if it is encrypted with a KMS key, "
        "kms:Decrypt.",
    ),
    "InvalidObjectState": "it is archived; restore it (RestoreObject) and start a new run.",
}


class S3Bytes:
    """One version of an S3 object: a change while it is read raises an error."""

    def __init__(self, client: S3Client, uri: S3Uri) -> None:
        self._client = translated("s3", client)
        self._place = uri
        self.uri = str(uri)
        try:
            head = self._client.head_object(Bucket=uri.bucket, Key=uri.key)
        except UNSEEN as error:
            raise ObjectMissing(
                f"{uri} does not exist or may not be read; upload it, or allow s3:GetObject."
            ) from error
        self.size = head["ContentLength"]
        self.version = head["ETag"].strip('"')

    def read(self, first: int, length: int) -> bytes:
        """Return bytes from offset ``first``; a response that breaks off is requested again.

        Raises VideoUnreadable with the reason and the remedy when S3 refuses this object, and
        KeyUnusable when its key cannot be used: that may pass, and the film is then readable.
        """
        if first >= self.size:
            return b""
        for _ in range(TRIES - 1):
            try:
                return self._range(first, length)
            except BrokenOff as error:
                log.warning("%s: reading at byte %d broke off: %s", self.uri, first, error)
        return self._range(first, length)

    def _range(self, first: int, length: int) -> bytes:
        try:
            answer = self._client.get_object(
                Bucket=self._place.bucket,
                Key=self._place.key,
                Range=f"bytes={first}-{min(first + length, self.size) - 1}",
                IfMatch=f'"{self.version}"',
            )
        except KeyUnusable:
            raise
        except ServiceError as error:
            if reason := REFUSALS.get(error.code):
                raise VideoUnreadable(self.uri, reason) from error
            raise
        return answer["Body"].read()

    def close(self) -> None:
        """Do nothing: the client is shared."""
