"""The approval page's review: opened for people, decided by several, finished once, applied."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.error_tree import GateClosed, ObjectMissing, ReviewRefused
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.review_records import (
    DecisionBatch,
    FinishRequest,
    LogEntry,
)
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.review.document import board_document, load_board
from storyboard_ops.steps.review.open_review import open_review
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_review_steps import stored_images
from tests.studio.studio_fixture import Studio

PICTURES = 7
ESTIMATE = PreflightReport(
    checks=(),
    estimate=(
        Usage(service="bedrock", item="m", unit="input_token", amount=0),
        Usage(
            service="bedrock", item="amazon.nova-canvas-v1:0", unit="training_image", amount=4000
        ),
    ),
    estimate_usd=61.2,
    price_table_date="2026-11-22",
)


def page_tools(studio: Studio, **params: Any):
    """A run with the approval page as its desk, seven candidates behind it, not opened yet."""
    tools = studio.tools(review_desk="page", production=tiny_production(studio), **params)
    loaded = load_production(tools.objects, tools.settings.production)
    write_run(tools, loaded, ESTIMATE)
    ref = tools.manifests.commit(
        tools.run_root / "dataset/candidates.jsonl", "images", "d", stored_images(tools, PICTURES)
    )
    return tools, ref


@pytest.fixture
def run(studio: Studio):
    """Tool box, candidates and the opened review."""
    tools, candidates = page_tools(studio)
    return tools, candidates, open_review(tools, candidates)


@pytest.fixture
def desk(run) -> ReviewDesk:
    return open_desk_of_run(run[0])


def new_id() -> str:
    return str(uuid.uuid4())


def batch(desk: ReviewDesk, *numbers: int, decision: str = "approve", **more: Any) -> DecisionBatch:
    """One save about pictures of the board, based on what holds now."""
    known = desk.state().items
    ids = [desk.board.items[number].id for number in numbers]
    return DecisionBatch.model_validate(
        {
            "id": more.pop("id", new_id()),
            "decisions": [
                {
                    "image_id": i,
                    "decision": decision,
                    "based_on": known[i].version if i in known else 0,
                    **more,
                }
                for i in ids
            ],
        }
    )


def finish(desk: ReviewDesk, **more: Any) -> FinishRequest:
    state = desk.state()
    left = sum(each.open for each in desk.progress(state).values())
    return FinishRequest(**{"id": new_id(), "based_on": state.version, "open": left, **more})


def refused(call, *given: Any) -> ReviewRefused:
    with pytest.raises(ReviewRefused) as raised:
        call(*given)
    return raised.value


# -- Opening


def test_the_board_has_every_candidate_with_a_small_picture(run, desk):
    tools, _, _ = run
    assert len(desk.board.items) == PICTURES
    for item in desk.board.items:
        thumb = decode_rgb(tools.objects.get(S3Uri.parse(item.thumb_uri)))
        assert max(thumb.shape) == 320
        assert item.thumb_uri.startswith(str(tools.run_root / "review/thumbs/"))


def test_opening_again_keeps_what_was_decided(run, desk):
    tools, candidates, _ = run
    desk.save("ana", batch(desk, 0))
    open_review(tools, candidates)
    assert open_desk_of_run(tools).state().version == 1


def test_a_run_without_an_opened_review_has_no_board(studio):
    tools, _ = page_tools(studio)
    assert load_board(tools) is None
    with pytest.raises(ObjectMissing, match="No review waits on the approval page"):
        open_desk_of_run(tools)


def test_the_document_says_what_is_asked_and_what_it_will_cost(run, desk):
    tools, _, _ = run
    document = board_document(tools, desk.board.items, "2026-11-23T07:00:00+00:00")
    assert document["characters"] == [{"id": "mira", "name": "Mira"}]
    assert document["limits"]["caption_max"] == 1024
    assert document["least_approved"] == 5
    assert document["cost"]["lines"][-1]["what"] == "training: 4,000 pictures seen"
    assert (document["cost"]["estimate_usd"], document["cost"]["consent_usd"]) == (61.2, None)
    assert "61.20 USD by the prices of 2026-11-22" in document["instructions"]
    assert json.loads(json.dumps(document)) == document


# -- Deciding


def test_a_save_is_there_for_everybody_at_once(run, desk):
    desk.save("ana", batch(desk, 0, 1, decision="reject", reason="blurred"))
    other = open_desk_of_run(run[0]).state()
    first = other.items[desk.board.items[0].id]
    assert (first.decision, first.reason, first.reviewer) == ("reject", "blurred", "ana")


def test_a_decision_on_what_somebody_else_changed_is_refused_and_theirs_is_shown(run, desk):
    seen_by_both = batch(desk, 0, 1, caption="Ana saw this.")
    open_desk_of_run(run[0]).save("ben", batch(desk, 1, decision="reject", reason="cut off"))
    error = refused(desk.save, "ana", seen_by_both)
    assert error.error == "stale"
    theirs = error.facts["decisions"][desk.board.items[1].id]
    assert (theirs["reviewer"], theirs["reason"]) == ("ben", "cut off")
    # The batch was refused whole: the picture nobody else touched is still open.
    assert desk.board.items[0].id not in desk.state().items


def test_reviewers_who_save_at_once_lose_nothing(run, desk):
    """Eight writers, each with an own picture of view: every save is in the log exactly once."""
    tools, _, _ = run

    def reviewer(number: int) -> None:
        own = open_desk_of_run(tools)
        for decision in ("approve", "reject", "open", "approve"):
            own.save(f"reviewer-{number}", batch(own, number, decision=decision))

    with ThreadPoolExecutor(PICTURES) as pool:
        list(pool.map(reviewer, range(PICTURES)))
    state = open_desk_of_run(tools).state()
    assert state.version == 4 * PICTURES
    assert {i.decision for i in state.items.values()} == {"approve"}


def test_two_who_decide_about_the_same_picture_at_once_get_one_yes(run, desk):
    tools, _, _ = run
    rivals = [(open_desk_of_run(tools), f"reviewer-{n}") for n in range(6)]
    saves = [(rival, name, batch(desk, 0)) for rival, name in rivals]

    def attempt(save) -> bool:
        rival, name, made = save
        try:
            rival.save(name, made)
        except ReviewRefused as error:
            assert error.error == "stale"
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(attempt, saves))
    assert sum(won) == 1
    state = desk.state()
    assert state.items[desk.board.items[0].id].reviewer == f"reviewer-{won.index(True)}"


def test_a_save_that_is_sent_twice_counts_once(desk):
    made = batch(desk, 0)
    desk.save("ana", made)
    assert refused(desk.save, "ana", made).error == "repeated"
    assert refused(desk.save, "mallory", made).error == "repeated"
    assert desk.state().version == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image_id": "0" * 64}, "not part of this review"),
        ({"character": "joker"}, "Choose one of"),
    ],
)
def test_what_is_not_of_this_review_is_refused(desk, change, words):
    made = batch(desk, 0).model_dump() | {}
    made["decisions"][0].update(change)
    error = refused(desk.save, "ana", DecisionBatch.model_validate(made))
    assert error.error == "unknown"
    assert words in str(error)
    assert desk.state().version == 0


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "perhaps"},
        {"caption": "x" * 1025},
        {"reason": "x" * 401},
        {"based_on": -1},
        {"surprise": 1},
    ],
)
def test_a_save_that_is_out_of_form_is_no_save(desk, change):
    made = batch(desk, 0).model_dump()
    made["decisions"][0].update(change)
    with pytest.raises(ValueError, match=next(iter(change))):
        DecisionBatch.model_validate(made)


def test_a_picture_is_decided_about_once_in_a_save(desk):
    made = batch(desk, 0, 1).model_dump()
    made["decisions"][1]["image_id"] = made["decisions"][0]["image_id"]
    with pytest.raises(ValueError, match="occurs twice in one save"):
        DecisionBatch.model_validate(made)


# -- Finishing


def test_finishing_writes_answers_in_the_form_of_a2i(studio, run, desk):
    tools, _, _ = run
    desk.save("ana", batch(desk, *range(6)))
    desk.save("ben", batch(desk, 6, decision="reject", reason="blurred"))
    desk.finish("ana", finish(desk))
    document = studio.read_json((tools.run_root / "review/answers.json").key)
    assert [answer["workerId"] for answer in document["humanAnswers"]] == ["ana", "ben"]
    (rejected,) = json.loads(document["humanAnswers"][1]["answerContent"]["decisions"])
    assert (rejected["decision"], rejected["reason"]) == ("reject", "blurred")


def test_after_the_finish_nothing_is_added(desk):
    desk.save("ana", batch(desk, 0))
    desk.finish("ana", finish(desk))
    error = refused(desk.save, "ben", batch(desk, 1))
    assert (error.error, error.facts["closed"]["by"]) == ("closed", "ana")
    assert refused(desk.finish, "ben", finish(desk)).error == "closed"


def test_finishing_says_how_many_are_left_out(desk):
    desk.save("ana", batch(desk, 0, 1))
    error = refused(desk.finish, "ana", finish(desk, open=0))
    assert (error.error, error.facts) == ("open", {"open": PICTURES - 2})


def test_finishing_on_what_somebody_else_changed_is_refused(run, desk):
    request = finish(desk)
    open_desk_of_run(run[0]).save("ben", batch(desk, 0))
    assert refused(desk.finish, "ana", request).error == "stale"


def test_a_finished_review_can_be_taken_up_again(desk):
    desk.save("ana", batch(desk, 0))
    desk.finish("ana", finish(desk))
    assert desk.reopen("ben").closed is None
    desk.save("ben", batch(desk, 1))
    assert len(desk.state().items) == 2
    assert refused(desk.reopen, "ben").error == "open"


# -- Applying


def test_answers_that_a_dying_server_did_not_write_follow_from_the_log(studio, run, desk):
    tools, candidates, opened = run
    desk.save("ana", batch(desk, *range(PICTURES)))
    desk.finish("ana", finish(desk))
    key = (tools.run_root / "review/answers.json").key
    studio.client("s3").delete_object(Bucket=studio.bucket, Key=key)
    ref = apply_review(tools, candidates, opened)
    assert tools.manifests.header(ref).summary["approved"] == PICTURES


def test_under_the_minimum_the_gate_stays_closed_until_people_review_again(run, desk):
    tools, candidates, opened = run
    desk.save("ana", batch(desk, 0, 1))
    desk.save("ana", batch(desk, 2, 3, 4, 5, 6, decision="reject", reason="other"))
    desk.finish("ana", finish(desk))
    for _ in range(2):  # the second call finds the manifest of the first
        with pytest.raises(GateClosed, match="2 pictures are approved; training needs at least 5"):
            apply_review(tools, candidates, opened)
    assert len(list(tools.objects.list(tools.run_root / "crops/"))) == PICTURES
    desk.reopen("ana")
    desk.save("ana", batch(desk, 2, 3, 4))
    desk.finish("ana", finish(desk))
    ref = apply_review(tools, candidates, opened)
    assert tools.manifests.header(ref).summary["approved"] == 5


def test_the_log_says_who_and_when(run, desk):
    tools, _, _ = run
    desk.save("ana", batch(desk, 0))
    (head,) = tools.objects.list(tools.run_root / "review/log/")
    entry = LogEntry.model_validate_json(tools.objects.get(head.uri))
    assert (entry.reviewer, entry.kind, entry.version) == ("ana", "decisions", 1)
    assert entry.at.endswith("+00:00")
