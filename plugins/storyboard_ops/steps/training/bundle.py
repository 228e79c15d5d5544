"""Upload the training program, which a job downloads with its inputs: once for each version."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.training.program_files import program_files
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: Lists the files of a bundle with their digests; written last, so that it marks a whole one.
LISTING = "bundle.json"


def upload_bundle(tools: ToolBox) -> S3Uri:
    """Upload the program unless this version is there; returns the prefix of its files."""
    files = program_files()
    prefix, listing = bundle_place(tools, files)
    if tools.objects.head(prefix / LISTING) is None:
        for name, body in files.items():
            tools.objects.put(prefix / name, body, "text/x-python")
        tools.objects.put(prefix / LISTING, canonical_json(listing).encode(), "application/json")
        log.info("Uploaded the training program to %s: %d files.", prefix, len(files))
    return prefix


def bundle_place(tools: ToolBox, files: Mapping[str, bytes]) -> tuple[S3Uri, dict[str, str]]:
    """Return the prefix of a program by its content, and the digests of its files."""
    listing = {name: sha256_hex(body) for name, body in sorted(files.items())}
    return tools.workspace.program(digest_of(listing)), listing
