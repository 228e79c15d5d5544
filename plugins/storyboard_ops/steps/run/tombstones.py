"""Read and extend ``removed.json`` of a workspace, which every run respects.

What a removal found, such as models trained on the material, is in the removal's own record.
"""

from __future__ import annotations

from storyboard_ops.domain.error_tree import Contended
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.removal.removal_records import RemovalRecord
from storyboard_ops.domain.sampling.film_spans import Tombstone, Tombstones
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.storage.object_store import ObjectStore

#: Tries to add a tombstone while other removals are faster.
ATTEMPTS = 20


def read_tombstones(objects: ObjectStore, workspace: Workspace) -> Tombstones:
    """Return what was removed from a workspace; empty when nothing was."""
    if objects.head(workspace.removed) is None:
        return Tombstones()
    return objects.record(workspace.removed, Tombstones)


def add_tombstone(objects: ObjectStore, workspace: Workspace, tombstone: Tombstone) -> None:
    """Add to the list, retrying while others write it; raises Contended after ATTEMPTS."""
    for _ in range(ATTEMPTS):
        head = objects.head(workspace.removed)
        listed = read_tombstones(objects, workspace) if head else Tombstones()
        body = listed.with_tombstone(tombstone).model_dump_json(indent=2).encode()
        if objects.replace(workspace.removed, body, "application/json", head.etag if head else ""):
            return
    raise Contended(f"{workspace.removed} is written by other removals; repeat this one later.")


def find_removal(
    objects: ObjectStore, workspace: Workspace, model: TrainedModel
) -> Tombstone | None:
    """Find the removal of material that a model was trained on; None when there is none.

    A removal whose record was deleted names no model.
    """
    for tombstone in read_tombstones(objects, workspace).removals:
        record = read_removal(objects, workspace, tombstone.removal_id)
        if record is not None and record.names(model):
            return tombstone
    return None


def read_removal(
    objects: ObjectStore, workspace: Workspace, removal_id: str
) -> RemovalRecord | None:
    """Read the record of a removal, begun or done; None when there is none."""
    place = workspace.removal(removal_id, "json")
    if objects.head(place) is None:
        return None
    return objects.record(place, RemovalRecord)
