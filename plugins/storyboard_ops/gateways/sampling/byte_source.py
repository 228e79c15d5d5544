"""Read ranges of a film's bytes from a local file, a web server or S3.

A source has a size and a version that changes with the content.
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
from urllib3.exceptions import HTTPError

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
from storyboard_ops.domain.sampling.image_sequences import MAKE_A_FILM, sequence_fault
from storyboard_ops.gateways.aws.errors import CODES, translated
from storyboard_ops.gateways.sampling.web_session import Refused, WebSession
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


class ByteSource(Protocol):
    """A film's bytes, by range."""

    uri: str
    size: int  # bytes
    version: str  # changes with the content

    def read(self, first: int, length: int) -> bytes:
        """Return bytes from offset ``first``; fewer than ``length`` only at the end of the film."""
        ...

    def close(self) -> None:
        """Close the file or connection."""
        ...


class FileBytes:
    """A local file; raises ObjectMissing when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        try:
            # Check before opening it: opening a pipe blocks until it has a writer.
            if not stat.S_ISREG(path.stat().st_mode):
                raise ObjectMissing(
                    f"{path} is a folder, a pipe or a device; give the path of a video file. "
                    f"{MAKE_A_FILM}"
                )
            self._file = path.open("rb")
        except OSError as error:
            raise ObjectMissing(
                sequence_fault(str(path))
                or f"{path} cannot be opened: {error.strerror}; correct the path or its "
                "permissions."
            ) from error
        facts = os.fstat(self._file.fileno())
        self.uri = str(path)
        self.size = facts.st_size
        self.version = f"{facts.st_size}-{facts.st_mtime_ns}"

    def read(self, first: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, first)

    def close(self) -> None:
        self._file.close()


class WebBytes:
    """A file on a web server that supports range requests; ``uri`` omits a link's credentials.

    ``private``: the server may have a private address, e.g. one of this machine.
    """

    def __init__(self, url: str, *, private: bool = False) -> None:
        self.uri = _without_credentials(url)
        self._url = url
        self._session = WebSession(private=private)
        answer, _ = self._get(0, 1)
        status = answer.status_code
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            raise ObjectMissing(
                f"{self.uri} may not be read ({status}); if the link has expired, make a new one."
            )
        size = answer.headers.get("Content-Range", "").rpartition("/")[2]
        if status != requests.codes.partial_content or not size.isdecimal():
            raise ObjectMissing(
                f"{self.uri} answered {status} to a range request, expected 206 and the size; "
                "download the film and give its path or S3 URI."
            )
        self.size = int(size)
        self.version = _version(answer)

    def read(self, first: int, length: int) -> bytes:
        if first >= self.size:
            return b""
        wanted = min(length, self.size - first)
        answer, body = self._get(first, wanted)
        if (
            answer.status_code != requests.codes.partial_content
            or _version(answer) != self.version
            or len(body) != wanted
        ):
            raise VideoUnreadable(
                self.uri,
                f"answered {answer.status_code} with {_count(body, wanted)} bytes, expected 206 "
                f"with {wanted} of the file that was opened; it was replaced or its link has "
                "expired. Start again, or download the film and give its path.",
            )
        return body

    def close(self) -> None:
        self._session.close()

    def _get(self, first: int, length: int) -> tuple[requests.Response, bytes]:
        headers = {"Range": f"bytes={first}-{first + length - 1}"}
        try:
            return self._session.get(self._url, headers, length)
        except Refused as error:
            raise ObjectMissing(
                f"{self.uri} is not read: {error}. Download the film and give its path; for a "
                "server of your own, add --private."
            ) from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # The error's text contains the whole link with its signature.
            reason = type(error).__name__
            raise ObjectMissing(
                f"{self.uri} cannot be reached ({reason}); check the link and the network."
            ) from None


def _count(body: bytes, most: int) -> str:
    """Return the number of bytes in words; reading stops when there are too many."""
    return str(len(body)) if len(body) <= most else f"more than {most}"


def _version(answer: requests.Response) -> str:
    return str(answer.headers.get("ETag", answer.headers.get("Last-Modified", "")))


def _without_credentials(url: str) -> str:
    """Return a URL without user, password and query, which may grant access."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


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


def content_id(source: ByteSource) -> str:
    """Identify the content of one version of a film by 64 hex digits, without reading the film.

    S3's ETag and the size identify a version's content. The same bytes uploaded in other part
    sizes get another id, which costs a second sampling and never a wrong frame.
    """
    return hashlib.sha256(f"{source.size}\0{source.version}".encode()).hexdigest()


def open_local_or_web(place: str, *, private: bool = False) -> ByteSource:
    """Open a path or an http(s) URL; raises ObjectMissing when it cannot be opened.

    ``private``: the URL may lead to a private address.
    """
    if place.startswith(("http://", "https://")):
        return WebBytes(place, private=private)
    return FileBytes(Path(place))
