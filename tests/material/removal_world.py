"""A workspace with films and finished runs, for removing from, and questions about what is left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyboard_ops.core.removal.mention_filter import header_of
from storyboard_ops.domain.image_records import Frame, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, decode_header, sha256_hex
from storyboard_ops.domain.removal.removal_records import parse_request
from storyboard_ops.steps.removal.remove_material import Removal
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material.finished_runs import (
    approved_dataset,
    candidates_of,
    lantern_production,
    quiet_film,
    trained_and_drawn,
)
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import Studio

Objects = dict[str, bytes]

#: What tells of a removal, and so names what was removed.
TELLS = ("removals/", "removed.json")


@dataclass(frozen=True)
class World:
    """The workspace, and what was in it before anything was removed."""

    studio: Studio
    films: dict[str, str]  # name -> URI
    before: Objects
    read: dict[tuple[str, str], bytes]  # by key and ETag

    def tools(self, run: str, **params: Any) -> ToolBox:
        production = f"s3://{self.studio.bucket}/productions/lantern-keepers/lantern.yaml"
        given = {"production": production, "review_batch_size": 4, **params}
        return self.studio.tools(run, **given)

    def removal(self, **asked: Any) -> Removal:
        given = {"workspace": f"s3://{self.studio.bucket}", "dry_run": False}
        why = {"reason": "the licence has ended", "requested_by": "dana"}
        return Removal(parse_request(given | why | asked), self.studio.client)

    def objects(self) -> Objects:
        """Everything in the bucket; what was read before is not read again."""
        s3, bucket = self.studio.client("s3"), self.studio.bucket
        found = {}
        for key, etag in self.etags().items():
            if (key, etag) not in self.read:
                body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                self.read[key, etag] = body
            found[key] = self.read[key, etag]
        return found

    def etags(self) -> dict[str, str]:
        pages = self.studio.client("s3").get_paginator("list_objects_v2")
        listed = [page.get("Contents", ()) for page in pages.paginate(Bucket=self.studio.bucket)]
        return {item["Key"]: item["ETag"] for items in listed for item in items}

    def restore(self) -> None:
        """Put everything back as it was."""
        s3, bucket, now = self.studio.client("s3"), self.studio.bucket, self.etags()
        for key in now.keys() - self.before.keys():
            s3.delete_object(Bucket=bucket, Key=key)
        for key, body in self.before.items():
            if key not in now or self.read.get((key, now[key])) != body:
                s3.put_object(Bucket=bucket, Key=key, Body=body)

    def images(self, film: str) -> list[ImageRecord]:
        """The pictures of run-1 that were cut out of a film."""
        rows = self.before["runs/run-1/review/images.jsonl"].decode().split("\n")[1:]
        images = [ImageRecord.model_validate_json(row) for row in rows if row]
        return [image for image in images if image.frame.video.uri == self.films[film]]

    def frames(self, film: str) -> list[Frame]:
        """The samples of a film."""
        names = [k for k in self.before if "/shards/" in k]
        rows = [row for name in names for row in self.before[name].decode().split("\n")[1:] if row]
        frames = map(Frame.model_validate_json, rows)
        return [frame for frame in frames if frame.video.uri == self.films[film]]


def filled_world(endpoint: RunningEndpoint, folder: Path) -> World:
    """Two films and three runs in one workspace, as the pipeline itself has filled it.

    run-1 saw both films, trained and drew; run-2 saw film b alone; run-3 saw film a alone and
    stopped at its dataset.
    """
    studio = Studio.opened(endpoint)
    films = {
        "a": studio.upload(quiet_film(folder / "a.mp4", range(9))),
        "b": studio.upload(quiet_film(folder / "b.mp4", range(20, 29))),
    }
    lantern_production(studio)
    world = World(studio, films, {}, {})
    first = world.tools("run-1", videos=list(films.values()))
    trained_and_drawn(first, approved_dataset(studio, first, candidates_of(first)))
    for run, film in (("run-2", "b"), ("run-3", "a")):
        tools = world.tools(run, videos=[films[film]])
        approved_dataset(studio, tools, candidates_of(tools))
    return World(studio, films, world.objects(), world.read)


def left_of(objects: Objects, digests: set[str], bodies: set[bytes]) -> list[str]:
    """Keys of objects that hold something removed: its bytes, its digest, or its name."""
    short = {digest[:12].encode() for digest in digests}
    return [
        key
        for key, body in objects.items()
        if not key.startswith(TELLS)
        and (body in bodies or any(mark in body or mark in key.encode() for mark in short))
    ]


def removed_from(images: list[ImageRecord], frames: list[Frame]) -> set[str]:
    ids = {image.image_id for image in images} | {frame.sha256 for frame in frames}
    return ids | {frame.video.sha256 for frame in frames} - {""}


def stale_references(objects: Objects, bucket: str) -> list[str]:
    """References to manifests, anywhere in the bucket, whose count or digest does not hold."""
    stale = []
    for key, body in objects.items():
        if key.startswith(TELLS) or not key.endswith((".json", ".jsonl")):
            continue
        for found in re.findall(rb'\{"count":\d+,"sha256":"[0-9a-f]{64}","uri":"[^"]+"\}', body):
            ref = ManifestRef.model_validate_json(found)
            there = objects.get(ref.uri.removeprefix(f"s3://{bucket}/"), b"")
            if sha256_hex(there) != ref.sha256 or decode_header(there).count != ref.count:
                stale.append(f"{key} -> {ref.uri}")
    return stale


def miscounted(objects: Objects) -> list[str]:
    manifests = {k: h for k, b in objects.items() if k.endswith(".jsonl") and (h := header_of(b))}
    return [k for k, header in manifests.items() if objects[k].count(b"\n") - 1 != header.count]


def without_tales(objects: Objects) -> Objects:
    return {key: body for key, body in objects.items() if not key.startswith(TELLS)}
