"""``removed.json`` of a workspace: read by every run, added to by removals.

What a removal found, the models that were trained on it among it, stands in its own record.
"""

from __future__ import annotations

from storyboard_ops.domain.error_tree import Contended
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.removal.removal_records import RemovalRecord
from storyboard_ops.domain.sampling.film_spans import Tombstone, Tombstones
from storyboard_ops.domain.training.model_facts import CustomizedModel
from storyboard_ops.gateways.storage.object_store import ObjectStore

#: So often another removal may be faster before it is called a failure.
ATTEMPTS = 20


def read_tombstones(objects: ObjectStore, workspace: Workspace) -> Tombstones:
    """What was removed from a workspace; nothing where no list was ever written."""
    if objects.head(workspace.removed) is None:
        return Tombstones()
    return Tombstones.model_validate_json(objects.get(workspace.removed))


def add_tombstone(objects: ObjectStore, workspace: Workspace, tombstone: Tombstone) -> None:
    """Add to the list, also while others do; raises Contended when they never stop."""
    for _ in range(ATTEMPTS):
        head = objects.head(workspace.removed)
        listed = read_tombstones(objects, workspace) if head else Tombstones()
        body = listed.with_tombstone(tombstone).model_dump_json(indent=2).encode()
        if objects.replace(workspace.removed, body, "application/json", head.etag if head else ""):
            return
    raise Contended(f"{workspace.removed} is being written all the time; ask again later.")


def removal_naming(
    objects: ObjectStore, workspace: Workspace, model: CustomizedModel
) -> Tombstone | None:
    """The removal of what a model was trained on, or None where there was none.

    A removal whose record was deleted names no model.
    """
    for tombstone in read_tombstones(objects, workspace).removals:
        place = workspace.removal(tombstone.removal_id, "json")
        if objects.head(place) is None:
            continue
        if RemovalRecord.model_validate_json(objects.get(place)).names(model):
            return tombstone
    return None
