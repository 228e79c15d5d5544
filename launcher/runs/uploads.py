"""Uploads what a run needs into its workspace in S3.

The key of a video contains the digest of its bytes: two films of one name do not collide, and a
film that is already there is not uploaded again. A production file is written after its pictures.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import chain
from pathlib import Path, PurePath
from threading import Lock
from typing import Any

import yaml
from botocore.exceptions import ClientError

from launcher.errors import UsageError
from launcher.processes.waiting import say_nothing
from launcher.product import BadInput, S3Uri, Workspace, key_beneath
from launcher.runs.inputs import ProductionFile, Request

SAY_SECONDS = 15.0
#: Bytes of a film that takes seconds to read.
LARGE_FILM = 1_000_000_000


def upload_request(
    s3: Any, request: Request, workspace: Workspace, say: Callable[[str], None] = say_nothing
) -> dict[str, Any]:
    """Upload local files and return the parameters of the run, with S3 URIs in their place.

    `say` is told how far a large film is.

    Raises:
        UsageError: the bucket does not exist or access is denied, or a film was named twice.
    """
    check_bucket(s3, workspace.root.bucket)
    sheet = request.production
    production = sheet if isinstance(sheet, str) else str(upload_production(s3, sheet, workspace))
    videos = [
        each if isinstance(each, str) else str(upload_video(s3, each, workspace, say))
        for each in request.videos
    ]
    _refuse_repeated_films(request, videos)
    return {
        **request.params,
        "videos": videos,
        "production": production,
        "workspace": str(workspace.root),
    }


def _refuse_repeated_films(request: Request, uris: Sequence[str]) -> None:
    """Raise UsageError when two of the request's films are one object."""
    named: dict[str, Path | str] = {}
    for video, uri in zip(request.videos, uris, strict=True):
        if (other := named.setdefault(uri, video)) is not video:
            raise UsageError(f"{video} is the same film as {other}. Name each film once.")


def check_bucket(s3: Any, bucket: str) -> None:
    """Raise UsageError if `bucket` does not exist or access is denied."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        reason = "does not exist" if status == 404 else f"cannot be used (HTTP {status})"
        raise UsageError(
            f"The bucket {bucket} {reason}. Create it, or name another: "
            'PARAMS=\'{"workspace": "s3://bucket/prefix"}\'.'
        ) from error


class UploadProgress:
    """Says every SAY_SECONDS how much of a film is uploaded; boto3 calls it from its threads."""

    def __init__(self, name: str, size: int, say: Callable[[str], None]) -> None:
        self._name, self._size, self._say = name, size, say
        self._done, self._spoke = 0, time.monotonic()
        self._lock = Lock()

    def __call__(self, more: int) -> None:
        """Count `more` bytes."""
        with self._lock:
            self._done += more
            if time.monotonic() - self._spoke >= SAY_SECONDS:
                self._spoke = time.monotonic()
                self._say(f"{self._name}: {self._done / self._size:.0%} uploaded")


def upload_video(
    s3: Any, video: Path, workspace: Workspace, say: Callable[[str], None] = say_nothing
) -> S3Uri:
    """Upload a film unless its bytes are already there; return where it is."""
    size = video.stat().st_size
    if size >= LARGE_FILM:
        say(f"Reading {video.name}, {size / 1e9:.1f} GB …")
    with video.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    uri = workspace.root / f"videos/{digest[:16]}/{video.name}"
    if not exists(s3, uri, size):
        progress = UploadProgress(video.name, size, say)
        s3.upload_file(str(video), uri.bucket, uri.key, Callback=progress)
    return uri


def exists(s3: Any, uri: S3Uri, size: int) -> bool:
    """Whether an object of `size` bytes exists."""
    try:
        return bool(s3.head_object(Bucket=uri.bucket, Key=uri.key)["ContentLength"] == size)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise


def upload_production(s3: Any, sheet: ProductionFile, workspace: Workspace) -> S3Uri:
    """Upload a production file with its pictures next to it; return where it is.

    Raises:
        UsageError: before anything is uploaded, when a reference is an S3 URI of another folder.
    """
    folder = workspace.root / f"productions/{sheet.production.slug}"
    for picture in chain(*sheet.references.values(), sheet.strangers):
        if isinstance(picture, str):
            _check_stored(folder, picture)
    document = deepcopy(dict(sheet.document))

    def upload_pictures(stem: str, names: Sequence[str], read: Sequence[bytes | str]) -> list[str]:
        return [
            _upload_picture(
                s3, picture, folder, f"references/{stem}-{number}{PurePath(name).suffix.lower()}"
            )
            for number, (name, picture) in enumerate(zip(names, read, strict=True))
        ]

    for character in document["characters"]:
        character["references"] = upload_pictures(
            character["id"], character["references"], sheet.references[character["id"]]
        )
    names = sheet.production.strangers
    document["strangers"] = upload_pictures("stranger", names, sheet.strangers)
    uri = folder / "production.yaml"
    body = yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
    s3.put_object(Bucket=uri.bucket, Key=uri.key, Body=body)
    return uri


def _check_stored(folder: S3Uri, reference: str) -> None:
    try:
        key_beneath(folder, reference)
    except BadInput as error:
        raise UsageError(f"A reference picture cannot be used. {error}") from error


def _upload_picture(s3: Any, picture: bytes | str, folder: S3Uri, name: str) -> str:
    """Upload a picture unless it is in S3 already; return how the production file names it."""
    if isinstance(picture, str):
        return picture
    uri = folder / name
    s3.put_object(Bucket=uri.bucket, Key=uri.key, Body=picture)
    return name
