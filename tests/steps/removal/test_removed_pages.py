"""What people see of removed material: answers, pages and open reviews go without it."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable

from storyboard_ops.core.report.contact_sheet import ShownPicture, thumbnail
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import DecisionBatch
from storyboard_ops.gateways.review.human_review import HumanReview, read_answers
from storyboard_ops.steps.review.desk import open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from tests.material.finished_runs import candidates_of, reported


def test_answers_of_reviewers_lose_the_pictures_and_can_still_be_read(world):
    world.removal(film=world.films["a"]).carry_out()
    outputs = [key for key in world.before if key.endswith("/output.json")]
    seen: set[str] = set()
    tools = world.tools("run-1")
    for key in outputs:
        for answer in read_answers(tools.objects, "x", f"s3://{world.studio.bucket}/{key}"):
            seen |= {decision.image_id for decision in answer.decisions}
    assert seen == {image.image_id for image in world.images("b")}


def test_pages_are_made_anew_without_the_pictures(world):
    """The report of a run that had them, and the page of one that is compared with it."""

    def shown(run: str) -> set[str]:
        page = world.objects()[f"runs/{run}/report.html"].decode()
        return set(re.findall(r"data:image/webp;base64,([^\"]+)", page))

    def compared() -> set[str]:
        page = world.objects()["runs/run-2/dataset/diff.html"].decode()
        return set(re.findall(r'data-picture="([0-9a-f]{64})"', page))

    def small(image: ImageRecord) -> str:
        png = world.before[S3Uri.parse(image.uri).key]
        return base64.b64encode(thumbnail(png, ShownPicture("", "", ""))).decode()

    for run in ("run-1", "run-2"):
        reported(world.tools(run))
    gone, stay = (set(map(small, world.images(film))) for film in "ab")
    assert shown("run-1") >= gone
    assert compared() == {image.image_id for image in world.images("a") if image.kept}

    record = world.removal(film=world.films["a"]).carry_out()

    assert not shown("run-1") & gone
    assert shown("run-1") >= stay
    assert compared() == set()
    assert record.runs == ("run-1", "run-2", "run-3")
    reports = [page for page in record.pages if page.endswith("/report.html")]
    assert [page.split("/")[-2] for page in reports] == ["run-1", "run-2"]


def test_a_run_of_nothing_but_a_deleted_film_keeps_its_settings_and_an_empty_report(world):
    reported(world.tools("run-3"))
    record = world.removal(film=world.films["a"], delete_film=True).carry_out()
    after = world.objects()
    assert after["runs/run-3/settings.json"] == world.before["runs/run-3/settings.json"]
    assert b"data:image" not in after["runs/run-3/report.html"]
    assert f"s3://{world.studio.bucket}/runs/run-3/report.html" in record.pages


def test_an_open_review_that_shows_it_is_stopped_once(world, monkeypatch):
    tools = world.tools("run-4", videos=[world.films["a"]])
    opened = open_review(tools, candidates_of(tools))
    names = {
        json.loads(r)["name"] for r in tools.objects.get(S3Uri.parse(opened.uri)).split(b"\n")[1:-1]
    }
    calls: list[str] = []
    monkeypatch.setattr(HumanReview, "stop_loop", stopping(calls))
    record = world.removal(film=world.films["a"]).carry_out()
    assert set(calls) == set(record.stopped_loops) == names
    assert record.unfinished_runs == ("run-3", "run-4")
    a2i = world.studio.client("sagemaker-a2i-runtime")
    states = {a2i.describe_human_loop(HumanLoopName=n)["HumanLoopStatus"] for n in names}
    assert states <= {"Stopped", "Stopping"}
    before = len(calls)
    world.removal(film=world.films["a"]).carry_out()
    assert calls[before:] == []  # what was stopped is not stopped again


def test_who_decided_about_pictures_of_other_films_need_not_decide_again(world):
    params = {"review_desk": "page", "carry_over": "nothing", "videos": list(world.films.values())}
    tools = world.tools("run-4", **params)
    open_review(tools, candidates_of(tools))
    desk = open_desk_of_run(tools)
    yes = [{"image_id": item.id, "decision": "approve", "based_on": 0} for item in desk.board.items]
    desk.save("ana", DecisionBatch.model_validate({"id": str(uuid.uuid4()), "decisions": yes}))

    world.removal(film=world.films["a"]).carry_out()
    tools = world.tools("run-4", **params)  # its steps are cleared
    open_review(tools, candidates_of(tools))

    desk = open_desk_of_run(tools)
    assert 0 < len(desk.board.items) < len(yes)
    assert {i: item.reviewer for i, item in desk.state().items.items()} == {
        item.id: "ana" for item in desk.board.items
    }


def stopping(calls: list[str]) -> Callable[[HumanReview, str], None]:
    """HumanReview.stop_loop, writing down what it was asked to stop."""
    stop = HumanReview.stop_loop

    def noted(desk: HumanReview, name: str) -> None:
        calls.append(name)
        stop(desk, name)

    return noted
