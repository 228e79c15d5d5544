"""Puts what a run needs under its workspace in S3.

A video's key carries the digest of its bytes: two films of one name do not collide, and a film that
is already there is not sent again. A production file is written after the pictures it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from launcher.errors import BadInput
from launcher.inputs import ProductionFile, Request
from launcher.product import S3Uri, Workspace


def upload_request(s3: Any, request: Request, workspace: Workspace) -> dict[str, Any]:
    """Upload files and return the run's parameters with S3 URIs in their place.

    Raises:
        BadInput: the bucket does not exist or may not be used.
    """
    check_bucket(s3, workspace.root.bucket)
    videos = [
        each if isinstance(each, str) else str(upload_video(s3, each, workspace))
        for each in request.videos
    ]
    sheet = request.production
    production = sheet if isinstance(sheet, str) else str(upload_production(s3, sheet, workspace))
    return {
        **request.params,
        "videos": videos,
        "production": production,
        "workspace": str(workspace.root),
    }


def check_bucket(s3: Any, bucket: str) -> None:
    """Raise BadInput when `bucket` is not there or may not be used."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        reason = "does not exist" if status == 404 else f"may not be used (HTTP {status})"
        raise BadInput(
            f"The bucket {bucket} {reason}. Create it, or name another as "
            'PARAMS=\'{"workspace": "s3://bucket/prefix"}\'.'
        ) from error


def upload_video(s3: Any, video: Path, workspace: Workspace) -> S3Uri:
    """Upload a film, unless its bytes are there already."""
    with video.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    uri = workspace.root / f"videos/{digest[:16]}/{video.name}"
    if not is_there(s3, uri, video.stat().st_size):
        s3.upload_file(str(video), uri.bucket, uri.key)
    return uri


def is_there(s3: Any, uri: S3Uri, size: int) -> bool:
    """Whether an object of that many bytes exists."""
    try:
        return bool(s3.head_object(Bucket=uri.bucket, Key=uri.key)["ContentLength"] == size)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise


def upload_production(s3: Any, sheet: ProductionFile, workspace: Workspace) -> S3Uri:
    """Upload a production file whose references are keys beside it."""
    folder = workspace.root / f"productions/{sheet.production.slug}"
    document = yaml.safe_load(sheet.path.read_text(encoding="utf-8"))

    def uploaded(stem: str, found: Sequence[Path | str]) -> list[str]:
        return [
            _upload_reference(s3, each, folder, f"references/{stem}-{number}")
            for number, each in enumerate(found)
        ]

    for character in document["characters"]:
        character["references"] = uploaded(character["id"], sheet.references[character["id"]])
    document["strangers"] = uploaded("stranger", sheet.strangers)
    uri = folder / "production.yaml"
    body = yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
    s3.put_object(Bucket=uri.bucket, Key=uri.key, Body=body)
    return uri


def _upload_reference(s3: Any, reference: Path | str, folder: S3Uri, stem: str) -> str:
    if isinstance(reference, str):
        return reference
    name = f"{stem}{reference.suffix.lower()}"
    uri = folder / name
    s3.put_object(Bucket=uri.bucket, Key=uri.key, Body=reference.read_bytes())
    return name
