"""What A2I's reviewers may answer: several, malformed, partial, about others' pictures."""

from __future__ import annotations

import asyncio
import json

import pytest

from storyboard_ops.domain.error_tree import AnswerUnusable, GateClosed
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.review.open_review import open_review
from tests.airflow_ops.approval.asked_fixture import POLL_SECONDS, Asked, all_completed, fired
from tests.steps.review.test_review_steps import opened
from tests.studio.human_answers import answer, answer_with, approved

# -- Several reviewers


async def test_of_two_reviewers_both_are_waited_for_and_a_tie_rejects(aws):
    asked = Asked(aws, reviewers_per_picture=2)
    asked.answer_all("ana")
    waiting = asyncio.create_task(fired(asked.trigger))
    await asyncio.sleep(10 * POLL_SECONDS)
    assert not waiting.done()
    for loop in asked.loops:
        first, *others = approved(loop)
        doubted = [first | {"decision": "reject", "reason": "blurred"}, *others]
        await asyncio.to_thread(answer, aws, loop, doubted, "ben")
    assert await waiting == all_completed(asked)
    with pytest.raises(GateClosed, match="4 pictures are approved"):
        asked.images()
    reviewed = asked.tools.manifests.latest(asked.tools.run_root / "review/images.jsonl")
    assert reviewed is not None
    images = asked.tools.manifests.read(reviewed[0], ImageRecord, "images").records
    reviews = [image.review for image in images if image.review]
    assert sorted((review.decision, review.reviewer) for review in reviews) == [
        *[("approve", "ana, ben")] * 4,
        *[("reject", "ben")] * 3,
    ]


# -- Answers that are malformed or partial


@pytest.mark.parametrize(
    "content",
    [
        {"decisions": "[{"},
        {"decisions": "{}"},
        {"something": "else"},
        {"decisions": json.dumps([{"image_id": "x", "decision": "approve"}])},
        {"decisions": json.dumps([{"image_id": "0" * 64, "decision": "perhaps"}])},
    ],
    ids=["cut off", "no list", "no field", "no id", "no decision"],
)
def test_a_malformed_answer_is_named_and_its_loop_asked_again(asked, content):
    broken, *good = asked.loops
    answer_with(asked.studio, broken, content)
    for loop in good:
        answer(asked.studio, loop, approved(loop))
    with pytest.raises(AnswerUnusable, match=f"reviewer ana in human loop {broken.name}"):
        asked.images()
    asked.ref, asked.loops = opened(asked.tools, asked.candidates)
    assert [loop.name for loop in asked.loops] == [f"{broken.name}-r1", *(g.name for g in good)]
    answer(asked.studio, asked.loops[0], approved(asked.loops[0]))
    assert [image.kept for image in asked.images()] == [True] * 7


def test_output_that_is_not_in_the_services_form_is_named_and_its_loop_asked_again(asked):
    asked.answer_all()
    broken, *_ = asked.loops
    runtime = asked.studio.client("sagemaker-a2i-runtime")
    output = runtime.describe_human_loop(HumanLoopName=broken.name)["HumanLoopOutput"]
    asked.tools.objects.put(S3Uri.parse(output["OutputS3Uri"]), b'{"humanAnswers": [')
    with pytest.raises(AnswerUnusable, match=f"human loop {broken.name} .* clear open_review"):
        asked.images()
    _, loops = opened(asked.tools, asked.candidates)
    assert loops[0].name == f"{broken.name}-r1"


def test_an_answer_decides_about_nothing_but_the_pictures_of_its_loop(asked):
    """A worker's page can be tampered with: here it rejects the pictures of all the others."""
    first, *others = asked.loops
    foreign = [d | {"decision": "reject"} for loop in others for d in approved(loop)]
    for loop in others:
        answer(asked.studio, loop, approved(loop))
    answer(asked.studio, first, approved(first) + foreign, worker="mallory")
    images = asked.images()
    assert [image.review.decision for image in images] == ["approve"] * 7
    assert sum(image.review.reviewer == "mallory" for image in images) == 3


def test_what_a_partial_answer_leaves_out_is_left_out_and_says_so(asked):
    partial, *whole = asked.loops
    answer(asked.studio, partial, approved(partial)[:1])
    for loop in whole:
        answer(asked.studio, loop, approved(loop))
    images = asked.images()
    assert sum(image.kept for image in images) == 5
    assert {i.dropped.reason for i in images if i.dropped} == {"not reviewed"}


def test_under_the_minimum_everything_is_kept_and_no_second_try_passes(asked):
    for loop in asked.loops:
        answer(asked.studio, loop, [{**d, "decision": "reject"} for d in approved(loop)])
    for _ in range(2):
        with pytest.raises(GateClosed, match="0 pictures are approved; training needs at least 5"):
            asked.images()
    assert open_review(asked.tools, asked.candidates) == asked.ref
    assert len(list(asked.tools.objects.list(asked.tools.run_root / "crops/"))) == 7
