"""Name the detectors of a production by what decides their content.

A face collection and a Custom Labels model depend only on the reference pictures. Their names
contain a digest of these, so that every run finds the detectors of an earlier one, and a changed
picture leads to a new one. They also contain a digest of the workspace and the production:
workspaces of an account do not see each other's users of a detector, and delete only their own.
"""

from __future__ import annotations

import re

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.object_keys import S3Uri, Workspace, aws_name
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, Production
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.steps.run.tool_box import ToolBox

#: Version of how detectors are made from the pictures; a new version makes new detectors.
VERSION = 1
FACES, CUSTOM = "faces", "custom"


def references_digest(tools: ToolBox[Settings]) -> str:
    """Return a digest of the ids of characters and props and their pictures, and nothing else."""
    # Preflight has stored each picture under the digest of its bytes.
    shown = [
        (name, [S3Uri.parse(uri).name for uri in uris])
        for name, uris in shown_pictures(tools.production).items()
    ]
    # No faces are looked for in props.
    props = sorted(tools.production.props)
    return digest_of(VERSION, shown, *([props] if props else []))


def shown_pictures(production: Production) -> dict[str, tuple[str, ...]]:
    """Return the URIs of every character's pictures by id, with those of strangers if any."""
    shown = {character.id: character.references for character in production.characters}
    return shown | ({NONE_OF_THEM: production.strangers} if production.strangers else {})


def collection_name(tools: ToolBox[Settings]) -> str:
    """Return the name of the face collection."""
    return detector_name(FACES, tools.workspace, tools.production.slug, references_digest(tools))


def project_name(tools: ToolBox[Settings]) -> str:
    """Return the name of the Custom Labels project."""
    return detector_name(CUSTOM, tools.workspace, tools.production.slug, references_digest(tools))


def detector_name(purpose: str, workspace: Workspace, slug: str, references: str) -> str:
    """Return the name of a production's detector; ``references`` is the digest of the pictures."""
    owner = digest_of(str(workspace.root), slug)[:8]
    return aws_name(f"{purpose}-{owner}", slug, references)


def is_of_production(name: str, workspace: Workspace, slug: str) -> bool:
    """Return whether a detector belongs to a workspace's production, whatever its pictures."""
    heads = (detector_name(purpose, workspace, slug, "") for purpose in (FACES, CUSTOM))
    return any(re.fullmatch(f"{re.escape(head)}[0-9a-f]{{8}}", name) for head in heads)
