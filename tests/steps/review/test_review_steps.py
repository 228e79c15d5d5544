"""The review: batches go out, answers come back, and what people decide is what is trained with."""

import json

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.review_records import BoardItem, HumanLoop
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio

PICTURES = 7


@pytest.fixture
def tools(studio: Studio):
    """A run whose candidate dataset has seven pictures of Mira."""
    tools = studio.tools(review_batch_size=3, production=tiny_production(studio))
    loaded = load_production(tools.objects, tools.settings.production)
    write_run(tools, loaded, PreflightReport(checks=()))
    return tools


@pytest.fixture
def candidates(tools):
    """The manifest of the seven pictures."""
    return tools.manifests.commit(
        tools.run_root / "dataset/candidates.jsonl", "images", "d", stored_images(tools, PICTURES)
    )


def stored_images(tools, count: int) -> list[ImageRecord]:
    """Image records whose pictures lie in the bucket."""
    records = []
    for k in range(count):
        png = encode_png(factories.picture(k))
        sha = sha256_hex(png)
        uri = tools.objects.put(tools.run_root / f"crops/{sha}.png", png, "image/png")
        records.append(factories.image(k, image_id=sha, uri=uri, review=None))
    return records


def opened(tools, candidates) -> tuple:
    ref = open_review(tools, candidates)
    return ref, tools.manifests.read(ref, HumanLoop, "human_loops").records


def test_pictures_go_out_in_batches_and_each_goes_out_once(tools, candidates):
    _, loops = opened(tools, candidates)
    assert [len(loop.image_ids) for loop in loops] == [3, 3, 1]
    assert len({image_id for loop in loops for image_id in loop.image_ids}) == PICTURES


def test_opening_twice_asks_people_once(studio, tools, candidates):
    _, loops = opened(tools, candidates)
    open_review(tools, candidates)
    listed = studio.client("sagemaker-a2i-runtime").list_human_loops(
        FlowDefinitionArn=loops[0].flow_definition_arn
    )
    assert len(listed["HumanLoopSummaries"]) == 3


def test_opening_again_asks_anew_only_where_a_loop_was_stopped(studio, tools, candidates):
    _, loops = opened(tools, candidates)
    answer(studio, loops[0], approved(loops[0]))
    studio.client("sagemaker-a2i-runtime").stop_human_loop(HumanLoopName=loops[1].name)
    _, again = opened(tools, candidates)
    assert [loop.name for loop in again] == [loops[0].name, f"{loops[1].name}-r1", loops[2].name]
    assert [loop.image_ids for loop in again] == [loop.image_ids for loop in loops]


def test_what_is_published_has_no_rejected_picture_and_the_edited_caption(
    studio, tools, candidates
):
    ref, loops = opened(tools, candidates)
    first = approved(loops[0])
    first[0] |= {"decision": "reject", "reason": "blurred"}
    first[1] |= {"caption": "Mira waits\nby the   sea."}
    for loop, decisions in zip(loops, [first, approved(loops[1]), approved(loops[2])], strict=True):
        answer(studio, loop, decisions)
    reviewed = apply_review(tools, candidates, ref)
    dataset = publish_dataset(tools, reviewed)
    assert dataset.training == PICTURES - 1
    lines = tools.objects.get(S3Uri.parse(dataset.training_uri)).decode().splitlines()
    records = [json.loads(line) for line in lines]
    assert all(set(record) == {"image-ref", "caption"} for record in records)
    assert "Mira waits by the sea." in {record["caption"] for record in records}
    assert all(tools.objects.head(S3Uri.parse(record["image-ref"])) for record in records)


def test_edited_captions_are_linted_and_the_trainers_limits_hold(studio, tools, candidates):
    ref, loops = opened(tools, candidates)
    first = approved(loops[0])
    first[0] |= {"caption": "Somebody waits."}
    first[1] |= {"caption": "Mira waits and waits. " * 60}
    for loop, decisions in zip(loops, [first, approved(loops[1]), approved(loops[2])], strict=True):
        answer(studio, loop, decisions)
    reviewed = tools.manifests.read(apply_review(tools, candidates, ref), ImageRecord, "images")
    images = {image.image_id: image for image in reviewed.records}
    won, refused = (images[decision["image_id"]] for decision in first[:2])
    assert won.kept
    assert (won.caption.text, won.caption.editor) == ("Somebody waits.", "ana")
    assert won.caption.findings == (
        "word count: 2 words; 20 to 30 are wanted",
        "name missing: does not call the character by name: Mira",
    )
    assert (refused.dropped.stage, refused.dropped.reason) == ("review", "caption unusable")
    assert "1,319 characters; the trainer takes at most 1,024" in refused.dropped.detail


@pytest.fixture
def with_a_question(tools):
    """The candidates, one of which the rules could not decide about."""
    images = stored_images(tools, PICTURES)
    images[2] = images[2].model_copy(update={"unsure": "bram in the same place has 0.80"})
    ref = tools.manifests.commit(tools.run_root / "dataset/candidates.jsonl", "images", "q", images)
    return ref, images[2].image_id


def test_an_unsure_picture_is_an_item_of_its_own_and_people_let_it_in(
    studio, tools, with_a_question
):
    candidates, asked = with_a_question
    ref, loops = opened(tools, candidates)
    shown = tools.manifests.header(ref).summary["board"]
    board = tools.manifests.read(ManifestRef.model_validate(shown), BoardItem, "board_items")
    assert [item.id for item in board.records if item.question] == [asked]
    for loop in loops:
        answer(studio, loop, approved(loop))
    reviewed = tools.manifests.read(apply_review(tools, candidates, ref), ImageRecord, "images")
    assert all(image.kept for image in reviewed.records)
