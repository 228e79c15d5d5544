"""Where a film's bytes come from: a local file, a web server, S3. Each is one call plus its answer.

A source knows its size and a version that changes with the content, and gives any range of bytes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

import requests

from storyboard_ops.domain.error_tree import (
    BrokenOff,
    Contended,
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

TIMEOUT_S = 60
#: A range whose answer breaks off is asked for so often; boto3 tries again only until it begins.
TRIES = 3
#: What S3 says of one object that no repetition changes, and what helps.
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
        "it may not be read; allow s3:GetObject and, where it is encrypted with a key of KMS, "
        "kms:Decrypt.",
    ),
    **dict.fromkeys(
        ("KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException"),
        "the key of KMS that it is encrypted with cannot be used; enable the key.",
    ),
    "InvalidObjectState": "it is archived; restore it (RestoreObject) and start a new run.",
}


class ByteSource(Protocol):
    """A film's bytes, by range."""

    uri: str
    size: int  # bytes
    version: str  # changes with the content

    def read(self, first: int, length: int) -> bytes:
        """The bytes from ``first`` on; fewer than ``length`` only at the end of the film."""
        ...

    def close(self) -> None:
        """Let go of the file or connection."""
        ...


class FileBytes:
    """A file on this machine."""

    def __init__(self, path: Path) -> None:
        try:
            # Before it is opened: that waits where a pipe has no writer.
            if not stat.S_ISREG(path.stat().st_mode):
                raise ObjectMissing(
                    f"{path} is a folder, a pipe or a device; give the path of a film's file."
                )
            self._file = path.open("rb")
        except OSError as error:
            raise ObjectMissing(f"{path} cannot be opened: {error.strerror}.") from error
        facts = os.fstat(self._file.fileno())
        self.uri = str(path)
        self.size = facts.st_size
        self.version = f"{facts.st_size}-{facts.st_mtime_ns}"

    def read(self, first: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, first)

    def close(self) -> None:
        self._file.close()


class WebBytes:
    """A file on a web server that answers range requests; ``uri`` is without what signs a link."""

    def __init__(self, url: str) -> None:
        self.uri = _unsigned(url)
        self._url = url
        self._session = requests.Session()
        # Ranges count the bytes of the film, not those of its compression.
        self._session.headers["Accept-Encoding"] = "identity"
        answer = self._get(0, 1)
        status = answer.status_code
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            raise ObjectMissing(
                f"{self.uri} may not be read ({status}); a link that has expired has to be made "
                "anew."
            )
        size = answer.headers.get("Content-Range", "").rpartition("/")[2]
        if status != requests.codes.partial_content or not size.isdecimal():
            raise ObjectMissing(
                f"{self.uri} answered {status} to a range request, wanted 206 and the size; "
                "download the film and give its path or S3 URI."
            )
        self.size = int(size)
        self.version = _version(answer)

    def read(self, first: int, length: int) -> bytes:
        if first >= self.size:
            return b""
        answer = self._get(first, length)
        wanted = min(length, self.size - first)
        if (
            answer.status_code != requests.codes.partial_content
            or _version(answer) != self.version
            or len(answer.content) != wanted
        ):
            raise VideoUnreadable(
                self.uri,
                f"answered {answer.status_code} with {len(answer.content)} bytes, wanted 206 with "
                f"{wanted} of the file that was opened; it was replaced or its link has expired. "
                "Start again, or download the film and give its path.",
            )
        return answer.content

    def close(self) -> None:
        self._session.close()

    def _get(self, first: int, length: int) -> requests.Response:
        asked = {"Range": f"bytes={first}-{first + length - 1}"}
        try:
            return self._session.get(self._url, headers=asked, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            # Its text names the whole link, with what signs it.
            reason = type(error).__name__
            raise ObjectMissing(f"{self.uri} cannot be reached ({reason}).") from None


def _version(answer: requests.Response) -> str:
    return str(answer.headers.get("ETag", answer.headers.get("Last-Modified", "")))


def _unsigned(url: str) -> str:
    """A URL without user, password and query: those are what lets somebody in."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class S3Bytes:
    """One version of an S3 object: a change while it is read is an error, not a mixture."""

    def __init__(self, client: S3Client, uri: S3Uri) -> None:
        self._client = translated("s3", client)
        self._place = uri
        self.uri = str(uri)
        try:
            head = self._client.head_object(Bucket=uri.bucket, Key=uri.key)
        except UNSEEN as error:
            raise ObjectMissing(f"{uri} does not exist or may not be read.") from error
        self.size = head["ContentLength"]
        self.version = head["ETag"].strip('"')

    def read(self, first: int, length: int) -> bytes:
        """The bytes from ``first`` on; an answer that breaks off is asked for again.

        Raises VideoUnreadable with the reason and what helps when S3 refuses this one object.
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
        except ServiceError as error:
            if reason := REFUSALS.get(error.code):
                raise VideoUnreadable(self.uri, reason) from error
            raise
        return answer["Body"].read()

    def close(self) -> None:
        """The client is shared; there is nothing to let go of."""


def content_id(source: ByteSource) -> str:
    """A name for the content of one version of a film, 64 hex digits, without reading the film.

    S3's ETag with the size identifies a version's content; for the same bytes uploaded in other
    part sizes it differs, which costs a second sampling and never a wrong frame.
    """
    return hashlib.sha256(f"{source.size}\0{source.version}".encode()).hexdigest()


def open_local_or_web(place: str) -> ByteSource:
    """A path or an http(s) URL as a byte source; raises ObjectMissing naming it."""
    if place.startswith(("http://", "https://")):
        return WebBytes(place)
    return FileBytes(Path(place))
