"""A reopened review keeps what people decided about the pictures that are still in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.gateways.storage.object_store import ManifestStore
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories
from tests.steps.review.test_desk import PICTURES, batch, finish, page_tools
from tests.studio.studio_fixture import Studio

ALL = range(PICTURES)


@pytest.fixture
def decided(studio: Studio) -> tuple[ToolBox, list[ImageRecord]]:
    """A finished review: five pictures approved by Ana, two rejected by Ben."""
    tools, candidates = page_tools(studio)
    open_review(tools, candidates)
    desk = open_desk_of_run(tools)
    desk.save("ana", batch(desk, *ALL[:5], caption="Mira waits."))
    desk.save("ben", batch(desk, *ALL[5:], decision="reject", reason="blurred"))
    desk.finish("ana", finish(desk))
    records = tools.manifests.read(candidates, ImageRecord, "images").records
    images = {image.image_id: image for image in records}
    return tools, [images[item.id] for item in desk.board.items]


def assembled(tools: ToolBox, images: Sequence[ImageRecord]) -> ManifestRef:
    """The candidates, as the steps before the review have remade them."""
    digest = "-".join(image.image_id[:8] for image in images)
    return tools.manifests.commit(
        tools.run_root / "dataset/candidates.jsonl", "images", digest, images
    )


def reopened(tools: ToolBox, images: Sequence[ImageRecord]) -> ReviewDesk:
    open_review(tools, assembled(tools, images))
    return open_desk_of_run(tools)


def said(desk: ReviewDesk) -> dict[str, tuple[str, ...]]:
    return {
        id: (item.decision, item.reviewer, item.decided_at, item.caption, item.reason)
        for id, item in desk.state().items.items()
    }


def test_who_decided_about_pictures_that_stay_need_not_decide_again(decided):
    tools, images = decided
    before = said(open_desk_of_run(tools))
    left = images[1:]

    desk = reopened(tools, left)

    assert said(desk) == {image.image_id: before[image.image_id] for image in left}
    assert desk.state().closed is None  # what is trained with has changed: people say so once more
    assert sum(each.open for each in desk.progress(desk.state()).values()) == 0
    desk.save("ana", batch(desk, 5))
    desk.finish("ana", finish(desk))
    candidates = assembled(tools, left)
    reviewed = apply_review(tools, candidates, open_review(tools, candidates))
    records = tools.manifests.read(reviewed, ImageRecord, "images").records
    assert [image.kept for image in records] == [True] * 4 + [False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"character": "bram"},
        {"image_id": "0" * 64, "frame": factories.frame(50)},
    ],
)
def test_a_decision_about_something_else_does_not_go_along(decided, change: dict[str, Any]):
    tools, images = decided
    changed = images[0].model_copy(update=change)
    desk = reopened(tools, [changed, *images[1:]])
    assert set(said(desk)) == {image.image_id for image in images[1:]}


def test_a_decision_stays_with_a_picture_whose_caption_is_new_and_says_so(decided):
    tools, images = decided
    desk = open_desk_of_run(tools)
    number = [item.id for item in desk.board.items].index(images[6].image_id)
    assert images[6].caption is not None
    caption = images[6].caption.model_copy(update={"text": "Mira runs."})
    changed = images[6].model_copy(update={"caption": caption, "unsure": "bram is as likely"})
    desk = reopened(tools, [*images[:6], changed])
    assert said(desk)[changed.image_id][:2] == ("reject", "ben")
    assert "changed since" in desk.board.items[number].flags
    assert "Since it was decided: the caption is new." in desk.board.items[number].notes


def with_cast(tools: ToolBox, *cast: str) -> ToolBox:
    """The run with other characters in its production."""
    (mira,) = tools.production.characters
    characters = tuple(mira.model_copy(update={"id": id, "name": id.title()}) for id in cast)
    sheet = tools.production.model_copy(update={"characters": characters})
    tools.objects.put(tools.run_root / "production.json", canonical_json(sheet).encode())
    return replace(tools)


def test_a_decision_for_a_character_who_has_left_does_not_go_along(decided):
    tools, images = decided
    desk = open_desk_of_run(with_cast(tools, "mira", "bram"))
    desk.reopen("ana")
    desk.save("ana", batch(desk, 0, character="bram"))
    desk = reopened(with_cast(tools, "mira"), images[:6])
    assert set(said(desk)) == {image.image_id for image in images[1:6]}


@pytest.mark.parametrize("dies_at", ["review/board.jsonl", "review/loops.jsonl"])
def test_a_try_that_died_in_between_is_done_again(decided, monkeypatch, dies_at):
    tools, images = decided
    before = said(open_desk_of_run(tools))
    candidates = assembled(tools, images[1:])
    commit = ManifestStore.commit

    def dying(store: ManifestStore, uri: Any, *given: Any) -> ManifestRef:
        if str(uri).endswith(dies_at):
            raise ConnectionError("killed")
        return commit(store, uri, *given)

    with monkeypatch.context() as patched, pytest.raises(ConnectionError):
        patched.setattr(ManifestStore, "commit", dying)
        open_review(tools, candidates)
    open_review(tools, candidates)
    desk = open_desk_of_run(tools)
    assert said(desk) == {image.image_id: before[image.image_id] for image in images[1:]}
    assert desk.state().version == 2  # a save of Ana's and one of Ben's, each once


def test_pictures_that_were_before_people_already_keep_what_was_said_last(decided):
    tools, images = decided
    desk = reopened(tools, images[1:])
    desk.save("cleo", batch(desk, 0, decision="reject", reason="cut off"))
    reopened(tools, images[2:])
    desk = reopened(tools, images[1:])
    assert said(desk)[images[1].image_id][:2] == ("reject", "cleo")
