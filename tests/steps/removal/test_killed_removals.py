"""A removal that is killed, asked for again or disturbed ends the same, or says why not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from storyboard_ops.domain.error_tree import RemovalIncomplete, ServiceError
from storyboard_ops.domain.manifest_codec import encode_manifest
from storyboard_ops.domain.sampling.film_spans import Tombstones
from storyboard_ops.gateways.storage import object_store
from storyboard_ops.steps.removal.remove_material import Removal
from tests.material import factories
from tests.material.removal_world import Objects, World, miscounted, without_tales
from tests.studio.studio_fixture import Studio


@dataclass(frozen=True)
class Undisturbed:
    """What film a's removal leaves, and in which writes."""

    after: Objects
    writes: list[str]  # "PutObject", "DeleteObjects"

    def kill_at(self, moment: str) -> int:
        """How many writes are left to a removal that is killed at a moment."""
        deletion = self.writes.index("DeleteObjects")
        return {
            "before the tombstone": 2,
            "before the first manifest": 3,
            "among the manifests": (3 + deletion) // 2,
            "before the objects": deletion,
            "before the pages": deletion + 1,
            "among the pages": deletion + 3,
        }[moment]


@pytest.fixture(scope="module")
def undisturbed(built: World) -> Undisturbed:
    with dying_after(built.studio, 1_000) as watch:
        built.removal(film=built.films["a"]).carry_out()
    after = without_tales(built.objects())
    built.restore()
    return Undisturbed(after, watch.seen)


@pytest.mark.long
@pytest.mark.parametrize(
    "moment",
    [
        "before the tombstone",
        "before the first manifest",
        "among the manifests",
        "before the objects",
        "before the pages",
        "among the pages",
    ],
)
def test_a_removal_that_was_killed_goes_on_where_it_stopped(world, undisturbed, moment):
    removal = world.removal(film=world.films["a"])
    writes = undisturbed.kill_at(moment)
    with dying_after(world.studio, writes), pytest.raises(ServiceError, match="killed"):
        removal.carry_out()
    half = world.objects()
    assert miscounted(half) == []
    assert missing_pictures(half, world.studio.bucket) == []

    removal.carry_out()
    assert without_tales(world.objects()) == undisturbed.after


@pytest.mark.long
@pytest.mark.parametrize(
    "last",
    ["approved/", "runs/drawing/storyboard/panels.jsonl", "runs/run-3/dataset/images/"],
)
def test_a_removal_killed_among_the_objects_finds_the_rest_of_them(
    world, undisturbed, monkeypatch, last
):
    """Also what only a deleted object led to: a storyboard's print, files of an emptied dataset."""
    drawn_elsewhere(world)
    monkeypatch.setattr(object_store, "MOST_KEYS", 1)
    removal = world.removal(film=world.films["a"])
    folder = f"s3://{world.studio.bucket}/{last}"
    doomed = [line.uri.startswith(folder) for line in removal.plan().deleted]
    deleted = len(doomed) - doomed[::-1].index(True)
    writes = undisturbed.kill_at("before the objects") + deleted
    with dying_after(world.studio, writes), pytest.raises(ServiceError, match="killed"):
        removal.carry_out()

    removal.carry_out()
    assert without_tales(world.objects()) == undisturbed.after


def drawn_elsewhere(world: World) -> None:
    """A storyboard that another run has drawn with the model of run-1, and its print."""
    model = json.loads(world.before["runs/run-1/model/model.json"])["model_arn"]
    panel = factories.panel(1, model_arn=model)
    folder = "runs/drawing/storyboard"
    files = {
        f"{folder}/panels.jsonl": encode_manifest("panels", "d", [panel]),
        f"{folder}/panels/001-{panel.sha256[:12]}.png": b"a panel",
        f"{folder}/storyboard.pdf": b"a print of it",
    }
    for key, body in files.items():
        world.studio.client("s3").put_object(Bucket=world.studio.bucket, Key=key, Body=body)


def missing_pictures(objects: Objects, bucket: str) -> list[str]:
    """Pictures that a trainer's manifest or a run's last manifest names and that are not there."""
    named: set[str] = set()
    for key, body in objects.items():
        if key.endswith("/train.jsonl"):
            named |= {json.loads(line)["image-ref"] for line in body.decode().splitlines()}
        if key.endswith("/review/images.jsonl"):
            named |= {json.loads(line)["uri"] for line in body.decode().splitlines()[1:]}
    return [uri for uri in named if uri.removeprefix(f"s3://{bucket}/") not in objects]


class dying_after:  # noqa: N801  reads as a sentence
    """Let every S3 write fail from the n-th on, as if the process had been killed."""

    def __init__(self, studio: Studio, writes: int) -> None:
        self.events = studio.client("s3").meta.events
        self.writes = writes
        self.seen: list[str] = []

    def _count(self, model: Any, **_: Any) -> None:
        if model.name in ("PutObject", "DeleteObjects"):
            self.seen.append(model.name)
            if len(self.seen) > self.writes:
                raise ClientError({"Error": {"Code": "Killed", "Message": "killed"}}, model.name)

    def __enter__(self) -> dying_after:
        self.events.register("before-call.s3", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self.events.unregister("before-call.s3", self._count)


@pytest.mark.long
def test_asking_again_when_all_is_done_finds_nothing_and_keeps_the_record(world):
    removal = world.removal(film=world.films["a"])
    first = removal.carry_out()
    after = world.objects()
    second = removal.carry_out()
    assert without_tales(world.objects()) == without_tales(after)
    assert (second.deleted, second.rewritten, second.models) == (
        first.deleted,
        first.rewritten,
        first.models,
    )


def test_what_a_run_wrote_meanwhile_is_named(world, monkeypatch):
    removal = world.removal(film=world.films["a"])
    key = f"runs/run-1/crops/{world.images('a')[0].image_id}.png"

    def late(*_: object) -> list[str]:
        world.studio.client("s3").put_object(Bucket=world.studio.bucket, Key=key, Body=b"late")
        return []

    monkeypatch.setattr(Removal, "_rebuild_pages", late)
    with pytest.raises(
        RemovalIncomplete, match=f"contain removed material, the first is s3://.*/{key}"
    ):
        removal.carry_out()


def test_two_removals_do_not_disturb_each_other(world):
    world.removal(film=world.films["a"], from_s=0, to_s=2).carry_out()
    world.removal(film=world.films["b"], from_s=0, to_s=2).carry_out()
    stones = Tombstones.model_validate_json(world.objects()["removed.json"])
    assert [stone.what[:11] for stone in stones.removals] == ["0 s to 2 s "] * 2
