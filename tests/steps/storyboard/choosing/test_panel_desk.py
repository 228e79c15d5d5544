"""The panel board's desk: several people choose, nothing impossible is saved, one publishes."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.error_tree import ObjectMissing, ReviewRefused
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.storyboard.panel_board import ChoiceBatch, PublishRequest
from storyboard_ops.steps.storyboard.choosing.desk import PanelDesk, open_panel_desk
from tests.material.drawn.boards import draw_board
from tests.studio.studio_fixture import Studio

FIRST, SECOND, THIRD = "010-010-010", "010-020-010", "020-010-010"


@pytest.fixture
def tools(studio: Studio) -> Any:
    """A run that has drawn three panels with a model of Bedrock, from prompts alone."""
    run = studio.tools("run-1", review_desk="page", candidates=3)
    draw_board(run, approved=2)
    return run


@pytest.fixture
def desk(tools: Any) -> PanelDesk:
    return open_panel_desk(tools)


def candidate(desk: PanelDesk, panel: str, place: int) -> str:
    return desk.board.by_key[panel].candidates[place - 1].sha256


def want(desk: PanelDesk, panel: str, decision: str, **more: Any) -> dict[str, Any]:
    """What the page sends about one panel, based on what holds now."""
    known = desk.state().panels.get(panel)
    based_on = known.version if known else 0
    return {"panel_id": panel, "based_on": based_on, "decision": decision, "seed": "", **more}


def choose(desk: PanelDesk, panel: str, place: int) -> dict[str, Any]:
    return want(desk, panel, "choose", candidate=candidate(desk, panel, place))


def batch(*wanted: dict[str, Any], entry_id: str = "") -> ChoiceBatch:
    return ChoiceBatch.model_validate(
        {"id": entry_id or str(uuid.uuid4()), "choices": list(wanted)}
    )


def refused(call: Any, *given: Any) -> ReviewRefused:
    with pytest.raises(ReviewRefused) as raised:
        call(*given)
    return raised.value


def publishing(desk: PanelDesk, **more: Any) -> PublishRequest:
    state = desk.state()
    price = desk.price(state)
    seen = {"based_on": state.version, "redraws": price.redraws, "usd": price.usd}
    return PublishRequest(**{"id": str(uuid.uuid4()), **seen, **more})


# -- The board


def test_the_board_shows_every_candidate_and_what_a_redraw_can_be_shown(desk):
    document = desk.document()
    first = document["items"][0]
    assert [item["id"] for item in document["items"]] == [FIRST, SECOND, THIRD]
    assert first["scene"] == "010 The harbour at dusk"
    assert first["cast"] == ["Mira"]
    assert [one["likeness"] for one in first["candidates"]] == [0.8, 0.7, 0.6]
    assert first["shown"] == first["candidates"][0]["id"]
    assert first["why"] == "It has the highest likeness of 3 candidates: 0.80."
    # The reference pictures of the production, and the pictures that people have approved.
    assert [(one["character"], one["approved"]) for one in document["references"]] == [
        ("Mira", False),
        ("Bram", False),
        ("Pip", False),
        ("Mira", True),
        ("Mira", True),
    ]
    assert "cannot be shown a reference picture" in document["no_references"]


def test_small_pictures_are_thumbnails_and_nothing_else_of_the_bucket_is_linked(desk, tools):
    digest = candidate(desk, FIRST, 2)
    thumb = tools.objects.get(tools.run_root / f"storyboard/thumbs/{digest}.jpg")
    assert max(decode_rgb(thumb).shape) == 320
    assert f"thumbs/{digest}.jpg?" in desk.link(digest, True, 60)
    assert "_8.png?" in desk.link(digest, False, 60)
    with pytest.raises(ObjectMissing, match="not on this board"):
        desk.link("0" * 64, False, 60)


def test_before_a_run_has_drawn_there_is_no_board(studio):
    with pytest.raises(ObjectMissing, match="no panel board"):
        open_panel_desk(studio.tools("run-2"))


# -- Choosing


def test_what_one_person_chooses_another_sees_with_name_and_time(desk, tools):
    desk.save("ana", batch(choose(desk, FIRST, 2)))
    desk.save("ben", batch(want(desk, SECOND, "redraw", note="At night.")))
    seen = open_panel_desk(tools).state()
    assert seen.panels[FIRST].candidate == candidate(desk, FIRST, 2)
    assert (seen.panels[FIRST].reviewer, seen.panels[SECOND].note) == ("ana", "At night.")
    assert list(seen.since(1)) == [SECOND]


def test_a_choice_about_a_panel_that_somebody_has_changed_since_is_refused_whole(desk):
    late = batch(choose(desk, FIRST, 3), choose(desk, SECOND, 2))
    desk.save("ana", batch(choose(desk, FIRST, 2)))
    error = refused(desk.save, "ben", late)
    assert error.error == "stale"
    assert error.facts["decisions"][FIRST]["reviewer"] == "ana"
    assert list(desk.state().panels) == [FIRST]


def test_of_many_at_once_each_panel_has_one_choice_and_the_log_has_no_gap(tools):
    def save(number: int) -> str:
        own = open_panel_desk(tools)
        place = number % 3 + 1
        made = {**choose(own, FIRST, place), "based_on": 0}
        try:
            own.save(f"person {number}", batch(made))
        except ReviewRefused as error:
            return error.error
        return "saved"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(save, range(6)))
    assert sorted(answers) == ["saved", *["stale"] * 5]
    assert open_panel_desk(tools).state().version == 1


def test_a_save_that_is_sent_twice_counts_once(desk):
    sent = batch(choose(desk, FIRST, 2))
    desk.save("ana", sent)
    assert refused(desk.save, "ana", sent).error == "repeated"
    assert desk.state().version == 1


def test_the_history_says_who_wanted_what_in_order(desk):
    desk.save("ana", batch(choose(desk, FIRST, 2)))
    desk.save("ben", batch(want(desk, FIRST, "redraw", candidate=candidate(desk, FIRST, 2))))
    desk.save("ana", batch(want(desk, FIRST, "open")))
    lines = [(one.reviewer, one.decision, one.chosen_by) for one in desk.history(FIRST)]
    assert lines == [("ana", "choose", "ana"), ("ben", "redraw", "ana"), ("ana", "open", "")]
    with pytest.raises(ObjectMissing, match="panel-009"):
        desk.history("panel-009")


@pytest.mark.parametrize(
    ("panel", "decision", "more", "message"),
    [
        ("panel-009", "open", {}, "panel-009 is not on this board"),
        (FIRST, "choose", {"candidate": "0" * 64}, "not a candidate of panel 010-010-010"),
        (FIRST, "choose", {}, "No candidate"),
        (FIRST, "open", {"note": "darker"}, "not to be drawn again"),
        (FIRST, "redraw", {"reference": "0" * 64}, "not a reference picture of this board"),
        (FIRST, "redraw", {"seed": 8}, "has a picture with seed 8 already"),
    ],
)
def test_what_cannot_be_is_refused_and_not_saved(desk, panel, decision, more, message):
    error = refused(desk.save, "ana", batch(want(desk, panel, decision, **more)))
    assert error.error == "unknown"
    assert message in str(error)
    assert desk.state().version == 0


def test_a_candidate_of_another_panel_is_refused(desk):
    foreign = candidate(desk, SECOND, 1)
    error = refused(desk.save, "ana", batch(want(desk, FIRST, "choose", candidate=foreign)))
    assert error.error == "unknown"


def test_a_model_that_draws_from_prompts_is_shown_no_reference_picture(desk):
    reference = desk.board.board.references[0].id
    error = refused(desk.save, "ana", batch(want(desk, FIRST, "redraw", reference=reference)))
    assert str(error) == (
        "amazon.nova-canvas-v1:0 draws from prompts alone: it cannot be shown a reference picture."
    )


@pytest.mark.parametrize(
    "field",
    [
        {"note": "x" * 401},
        {"seed": -1},
        {"seed": LARGEST_SEED + 1},
        {"seed": "twelve"},
        {"reference": "../secret"},
        {"candidate": "s3://other/x"},
        {"decision": "buy"},
        {"panel_id": ""},
    ],
)
def test_fields_out_of_bounds_are_refused(desk, field):
    with pytest.raises(ValidationError):
        batch({**want(desk, FIRST, "redraw"), **field})


def test_a_save_names_each_panel_once_and_at_most_200(desk):
    with pytest.raises(ValidationError, match="twice in one save"):
        batch(choose(desk, FIRST, 1), choose(desk, FIRST, 2))
    with pytest.raises(ValidationError, match="at most 200"):
        batch(*({**choose(desk, FIRST, 1), "panel_id": f"p{n}"} for n in range(201)))


# -- Publishing


def test_with_nothing_to_redraw_publishing_costs_nothing(desk, tools):
    desk.save("ana", batch(choose(desk, FIRST, 2)))
    assert desk.price(desk.state()).usd == 0
    run = desk.publish("ana", publishing(desk)).closed.run
    assert run.dag_id == "draw_storyboard"
    assert run.run_id == "panels__run-1__2"
    assert (run.conf["from_run"], run.conf.get("redraw")) == ("run-1", None)
    assert run.conf["workspace"] == str(tools.workspace.root)
    assert "videos" not in run.conf


def test_the_run_that_is_started_has_the_redraws_and_the_settings_of_its_board(desk):
    desk.save("ana", batch(want(desk, SECOND, "redraw", note="At night.", seed=99)))
    price = desk.price(desk.state())
    # One model unit for one hour, whatever the number of panels: by the price table.
    assert (price.redraws, price.pictures) == (1, 3)
    assert price.usd > 0
    assert price.lines[0].what.startswith("hosting the model")
    run = desk.publish("ana", publishing(desk)).closed.run
    assert run.usd == price.usd
    assert run.conf["redraw"] == [{"panel_id": SECOND, "note": "At night.", "seed": 99}]
    assert run.conf["panel_width"] == 512
    assert run.conf["compare_with"] == []


def test_a_price_that_has_changed_must_be_agreed_to_again(desk):
    seen = publishing(desk)
    desk.save("ana", batch(want(desk, FIRST, "redraw", note="Closer.")))
    late = seen.model_copy(update={"based_on": desk.state().version})
    error = refused(desk.publish, "ana", late)
    assert error.error == "consent"
    assert error.facts["price"]["redraws"] == 1


def test_a_board_that_somebody_has_changed_since_is_not_published(desk):
    seen = publishing(desk)
    desk.save("ben", batch(choose(desk, FIRST, 2)))
    assert refused(desk.publish, "ana", seen).error == "stale"


def test_of_two_who_publish_at_once_one_does(desk, tools):
    first, second = publishing(desk), publishing(desk)
    desk.publish("ana", first)
    error = refused(open_panel_desk(tools).publish, "ben", second)
    assert error.error == "closed"
    assert "ana published this board" in str(error)


def test_a_published_board_takes_no_choices_until_it_is_reopened(desk):
    desk.publish("ana", publishing(desk))
    assert refused(desk.save, "ben", batch(choose(desk, FIRST, 2))).error == "closed"
    desk.reopen("ben")
    desk.save("ben", batch(choose(desk, FIRST, 2)))
    assert refused(desk.reopen, "ben").error == "open"
    assert desk.publish("ben", publishing(desk)).closed.run.run_id == "panels__run-1__4"
