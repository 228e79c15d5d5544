"""What the detectors of a production are called, and what decides whether they are the same.

A face collection and a Custom Labels model are made from the reference pictures alone. Their names
carry a digest of these, so that every run finds what an earlier one has made, and a changed picture
makes a new one.
"""

from __future__ import annotations

import re

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.object_keys import S3Uri, aws_name
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, Production
from storyboard_ops.steps.tool_box import ToolBox

#: Of what is made from the pictures; a new one makes new detectors.
VERSION = 1
FACES, CUSTOM = "faces", "custom"


def references_digest(tools: ToolBox) -> str:
    """Changes with the characters' ids and the reference pictures, and with nothing else."""
    # Preflight has stored each picture under the digest of its bytes.
    shown = [
        (name, [S3Uri.parse(uri).name for uri in uris])
        for name, uris in shown_pictures(tools.production).items()
    ]
    return digest_of(VERSION, shown)


def shown_pictures(production: Production) -> dict[str, tuple[str, ...]]:
    """URIs of the pictures of every character, and of strangers if there are any, by id."""
    shown = {character.id: character.references for character in production.characters}
    return shown | ({NONE_OF_THEM: production.strangers} if production.strangers else {})


def collection_name(tools: ToolBox) -> str:
    """Name of the face collection."""
    return _name(tools, FACES)


def project_name(tools: ToolBox) -> str:
    """Name of the Custom Labels project."""
    return _name(tools, CUSTOM)


def is_of_production(name: str, slug: str) -> bool:
    """Whether a detector was made for a production, from whatever pictures."""
    heads = (re.escape(aws_name(purpose, slug, "")) for purpose in (FACES, CUSTOM))
    return any(re.fullmatch(f"{head}[0-9a-f]{{8}}", name) for head in heads)


def _name(tools: ToolBox, purpose: str) -> str:
    # The workspace is part of it: workspaces do not see each other's users of a detector.
    digest = digest_of(references_digest(tools), str(tools.workspace.root))
    return aws_name(purpose, tools.production.slug, digest)
