"""Which detections hold: within a frame, between characters, and over a shot."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.detection.rules import (
    DetectionRules,
    Resolved,
    find_figures,
    questions,
    resolve_shot,
)
from storyboard_ops.domain.image_records import Box, Detection, FrameDetections
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from tests.material.factories import detection, frame

RULES = DetectionRules(min_confidence=0.6)
BODY = Box(x=0.3, y=0.2, w=0.3, h=0.7)
NEARLY = Box(x=0.31, y=0.21, w=0.3, h=0.7)
FACE = Box(x=0.4, y=0.22, w=0.1, h=0.15)
ELSEWHERE = Box(x=0.7, y=0.2, w=0.2, h=0.7)


def person(box: Box = BODY) -> Detection:
    return detection(None, 0.98, box=box, label="Person", detector="labels")


def shot(*frames: list[Detection]) -> list[FrameDetections]:
    return [
        FrameDetections(frame=frame(k), detections=tuple(found)) for k, found in enumerate(frames)
    ]


def held(resolved: Resolved) -> list[list[tuple[str | None, float]]]:
    return [[(d.character, d.confidence) for d in f.detections] for f in resolved.frames]


def reasons(resolved: Resolved) -> list[tuple[str | None, float, str]]:
    return [
        (d.detection.character, d.detection.confidence, d.drop.reason) for d in resolved.dropped
    ]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (BODY, 1.0),
        (ELSEWHERE, 0.0),
        (Box(x=0.3, y=0.2, w=0.15, h=0.7), 0.5),
        (Box(x=0.45, y=0.2, w=0.3, h=0.7), 1 / 3),
    ],
)
def test_intersection_over_union(other: Box, expected: float) -> None:
    assert BODY.iou(other) == pytest.approx(expected)
    assert other.iou(BODY) == pytest.approx(expected)


@pytest.mark.parametrize("again", [NEARLY, FACE], ids=["same place", "face in body"])
def test_a_character_has_one_box_in_one_place(again: Box) -> None:
    resolved = resolve_shot(
        shot([detection(box=again, confidence=0.8), detection(box=BODY)]), RULES
    )
    assert held(resolved) == [[("mira", 0.9)]]
    assert reasons(resolved) == [("mira", 0.8, "same box")]


def test_a_box_keeps_the_face_that_another_detector_saw_in_it() -> None:
    by_face = detection(confidence=0.8, box=NEARLY, detector="faces", face=FACE)
    resolved = resolve_shot(shot([detection(), by_face]), RULES)
    (kept,) = resolved.frames[0].detections
    assert (kept.box, kept.detector, kept.face) == (BODY, "multimodal", FACE)
    assert [dropped.detection for dropped in resolved.dropped] == [by_face]


def test_two_places_of_one_character_both_hold() -> None:
    """A mirror, or a character that stands for a kind, like a flock."""
    resolved = resolve_shot(shot([detection(), detection(box=ELSEWHERE, confidence=0.8)]), RULES)
    assert held(resolved) == [[("mira", 0.9), ("mira", 0.8)]]


def test_of_two_characters_in_one_place_the_clearly_better_wins() -> None:
    resolved = resolve_shot(
        shot([detection("mira", 0.95), detection("bram", 0.7, box=NEARLY)]), RULES
    )
    assert held(resolved) == [[("mira", 0.95)]]
    assert reasons(resolved) == [("bram", 0.7, "other character")]
    assert resolved.dropped[0].drop.detail == "mira in the same place has 0.95"


def test_two_characters_about_as_likely_are_both_unsure() -> None:
    resolved = resolve_shot(
        shot([detection("mira", 0.85), detection("bram", 0.8, box=NEARLY)]), RULES
    )
    assert held(resolved) == [[]]
    assert reasons(resolved) == [("mira", 0.85, "unsure"), ("bram", 0.8, "unsure")]


def test_characters_that_stand_close_both_hold() -> None:
    beside = Box(x=0.45, y=0.2, w=0.3, h=0.7)
    resolved = resolve_shot(shot([detection("mira"), detection("bram", box=beside)]), RULES)
    assert held(resolved) == [[("mira", 0.9), ("bram", 0.9)]]
    assert resolved.dropped == ()


def test_a_face_on_somebody_elses_body_is_not_the_same_place() -> None:
    """A child carried in front of somebody: nested, but two characters."""
    resolved = resolve_shot(shot([detection("bram"), detection("pip", 0.8, box=FACE)]), RULES)
    assert held(resolved) == [[("bram", 0.9), ("pip", 0.8)]]


def test_little_confidence_is_unsure_whatever_a_label_says() -> None:
    resolved = resolve_shot(shot([detection("mira", 0.59), person()]), RULES)
    assert held(resolved) == [[]]
    assert reasons(resolved) == [(None, 0.98, "nameless"), ("mira", 0.59, "unsure")]
    assert resolved.dropped[1].drop.detail == "confidence 0.59 is below 0.60"
    assert resolved.dropped[1].drop.score == 0.59


def test_a_label_names_nobody() -> None:
    resolved = resolve_shot(shot([person()]), RULES)
    assert held(resolved) == [[]]
    assert reasons(resolved) == [(None, 0.98, "nameless")]


def test_one_weak_sighting_in_a_shot_is_unsure() -> None:
    resolved = resolve_shot(shot([detection("mira", 0.7)], [], []), RULES)
    assert held(resolved) == [[], [], []]
    assert (
        resolved.dropped[0].drop.detail == "seen in 1 of 3 frames of the shot, with confidence 0.70"
    )


@pytest.mark.parametrize(
    "frames",
    [
        [[detection("mira", 0.8)], []],
        [[detection("mira", 0.7), person(NEARLY)], []],
        [[detection("mira", 0.7)], [detection("mira", 0.65)]],
        [[detection("mira", 0.7)]],
    ],
    ids=["sure", "confirmed by a label", "seen twice", "a shot of one frame"],
)
def test_a_sighting_is_believed(frames: list[list[Detection]]) -> None:
    resolved = resolve_shot(shot(*frames), RULES)
    assert ("mira", frames[0][0].confidence) in held(resolved)[0]


def test_a_frame_that_could_not_be_examined_contradicts_nobody() -> None:
    frames = [
        *shot([detection("mira", 0.7)]),
        FrameDetections(frame=frame(1), failure="the service was busy"),
    ]
    resolved = resolve_shot(frames, RULES)
    assert held(resolved) == [[("mira", 0.7)], []]
    assert resolved.frames[1].failure == "the service was busy"


def stranger(confidence: float, box: Box = BODY) -> Detection:
    """Somebody of whom a detector says that it is none of the characters."""
    return detection(None, confidence, box=box, label=NONE_OF_THEM)


def test_a_stranger_in_the_frame_is_nobodys_picture() -> None:
    resolved = resolve_shot(shot([stranger(0.9), detection("mira", box=ELSEWHERE)]), RULES)
    assert held(resolved) == [[("mira", 0.9)]]
    assert reasons(resolved) == [(None, 0.9, "stranger")]


def test_a_stranger_taken_for_a_character_is_the_other_one() -> None:
    resolved = resolve_shot(shot([stranger(0.9), detection("mira", 0.7, box=NEARLY)]), RULES)
    assert held(resolved) == [[]]
    assert reasons(resolved) == [(None, 0.9, "stranger"), ("mira", 0.7, "other character")]
    assert resolved.dropped[1].drop.detail == "a stranger in the same place has 0.90"


def test_a_character_who_may_be_a_stranger_is_unsure() -> None:
    resolved = resolve_shot(shot([stranger(0.8), detection("mira", 0.85)]), RULES)
    assert held(resolved) == [[]]
    assert reasons(resolved)[1] == ("mira", 0.85, "unsure")


def asked(*frames: list[Detection], least: float = 0.4) -> list[tuple[str | None, float]]:
    resolved = resolve_shot(shot(*frames), RULES)
    return [
        (one.detection.character, one.detection.confidence)
        for one in questions(resolved, least, RULES)
    ]


def test_people_are_asked_about_what_is_unsure_and_likely_enough() -> None:
    weak = [detection("mira", 0.55), detection("bram", 0.3, box=ELSEWHERE), person(ELSEWHERE)]
    assert asked(weak) == [("mira", 0.55)]
    assert asked([detection("mira", 0.7)], [], []) == [("mira", 0.7)]
    assert asked(weak, least=1) == []


def test_of_one_place_one_question_is_asked() -> None:
    assert asked([detection("mira", 0.85), detection("bram", 0.8, box=NEARLY)]) == [("mira", 0.85)]


def test_where_somebody_holds_nothing_is_asked() -> None:
    assert asked([detection("mira", 0.95), detection("bram", 0.55, box=NEARLY)]) == []
    assert asked([detection("mira", 0.95)], [detection("bram", 0.55)]) == [("bram", 0.55)]


def test_an_empty_shot() -> None:
    assert resolve_shot([], RULES) == Resolved((), ())


boxes = st.builds(
    Box.clamped,
    st.floats(0, 0.7), st.floats(0, 0.7), st.floats(0.71, 1), st.floats(0.71, 1),
)  # fmt: skip
some_detections = st.lists(
    st.builds(
        detection,
        st.sampled_from(["mira", "bram", None]),
        st.floats(0, 1).map(lambda value: round(value, 2)),
        box=boxes,
        detector=st.sampled_from(["multimodal", "labels"]),
    ),
    max_size=6,
    unique_by=str,
)


@given(st.lists(some_detections, max_size=3), st.randoms(use_true_random=False))
def test_every_detection_is_held_or_dropped_once_in_any_order(
    frames: list[list[Detection]], dice: random.Random
) -> None:
    resolved = resolve_shot(shot(*frames), RULES)
    after = [d for f in resolved.frames for d in f.detections]
    after += [d.detection for d in resolved.dropped]
    assert sorted(map(str, after)) == sorted(str(d) for found in frames for d in found)
    assert all(d.confidence >= 0.6 for f in resolved.frames for d in f.detections)
    for found in frames:
        dice.shuffle(found)
    assert resolve_shot(shot(*frames), RULES) == resolved


#: Two boxes that share a third of what they cover together, and half of each.
LEFT = Box(x=0, y=0, w=0.5, h=1)
MIDDLE = Box(x=0.25, y=0, w=0.5, h=1)


def test_boxes_that_only_touch_have_nothing_in_common() -> None:
    assert LEFT.iou(Box(x=0.5, y=0, w=0.5, h=1)) == 0
    assert LEFT.iou(Box(x=0.75, y=0, w=0.25, h=1)) == 0
    assert Box(x=0, y=0, w=1, h=0.25).iou(Box(x=0, y=0.5, w=1, h=0.25)) == 0


@pytest.mark.parametrize(
    ("same_place_iou", "nested_share", "boxes"),
    [(1 / 3, 0.51, 1), (0.34, 0.51, 2), (0.34, 0.5, 1)],
    ids=["as much as it takes", "a little less", "nested as much as it takes"],
)
def test_a_place_is_the_same_from_its_bounds_on(
    same_place_iou: float, nested_share: float, boxes: int
) -> None:
    rules = DetectionRules(0.6, same_place_iou=same_place_iou, nested_share=nested_share)
    again = detection(box=MIDDLE, confidence=0.8)
    (found,) = resolve_shot(shot([detection(box=LEFT), again]), rules).frames
    assert len(found.detections) == boxes


@pytest.mark.parametrize(("same_place_iou", "kept"), [(1 / 3, 0), (0.34, 2)])
def test_a_place_is_contested_from_its_bound_on(same_place_iou: float, kept: int) -> None:
    rules = DetectionRules(0.6, same_place_iou=same_place_iou)
    two = [detection("mira", 0.8, box=LEFT), detection("bram", 0.8, box=MIDDLE)]
    (found,) = resolve_shot(shot(two), rules).frames
    assert len(found.detections) == kept


def test_exactly_the_least_confidence_holds() -> None:
    resolved = resolve_shot(shot([detection("mira", 0.6)]), RULES)
    assert held(resolved) == [[("mira", 0.6)]]


@pytest.mark.parametrize(
    ("second", "who"), [(0.625, ("mira", 0.875)), (0.75, None)], ids=["clear", "not clear"]
)
def test_exactly_the_clear_lead_wins(second: float, who: tuple[str, float] | None) -> None:
    rules = DetectionRules(0.6, clear_lead=0.25)
    rivals = [detection("mira", 0.875), detection("bram", second)]
    resolved = resolve_shot(shot(rivals), rules)
    assert held(resolved) == [[who] if who else []]
    reason = "other character" if who else "unsure"
    assert reasons(resolved)[-1] == ("bram", second, reason)


def test_the_strongest_rival_decides() -> None:
    crowd = [detection("mira", 0.9), detection("bram", 0.3), detection("pip", 0.85)]
    resolved = resolve_shot(shot(crowd), RULES)
    assert held(resolved) == [[]]
    assert [(d.detection.character, d.drop.detail) for d in resolved.dropped] == [
        ("mira", "pip in the same place has 0.85"),
        ("pip", "mira in the same place has 0.90"),
        ("bram", "mira in the same place has 0.90"),
    ]


def test_a_lone_sighting_of_exactly_the_confidence_it_takes_is_believed() -> None:
    assert held(resolve_shot(shot([detection("mira", 0.75)], []), RULES))[0] == [("mira", 0.75)]
    assert held(resolve_shot(shot([detection("mira", 0.74)], []), RULES))[0] == []


@pytest.mark.parametrize(
    ("confirming", "believed"),
    [
        (detection("mira", 0.5, box=MIDDLE, detector="faces"), True),
        (detection("mira", 0.5, box=MIDDLE), False),
        (detection(None, 0.98, box=ELSEWHERE, label="Person", detector="labels"), False),
        (detection(None, 0.98, box=MIDDLE, label="Person", detector="labels"), True),
    ],
    ids=["another detector", "the same detector", "somebody elsewhere", "somebody in the place"],
)
def test_who_confirms_a_lone_sighting(confirming: Detection, believed: bool) -> None:
    """The boxes share exactly what it takes to be one place."""
    rules = DetectionRules(0.6, same_place_iou=1 / 3)
    resolved = resolve_shot(shot([detection("mira", 0.7, box=LEFT), confirming], []), rules)
    assert held(resolved)[0] == ([("mira", 0.7)] if believed else [])


def test_another_characters_sightings_do_not_count_for_a_lone_one() -> None:
    frames = [[detection("mira", 0.7)], [detection("bram", 0.7, box=ELSEWHERE)], []]
    assert held(resolve_shot(shot(*frames), RULES)) == [[], [], []]


def test_two_places_in_one_frame_are_one_sighting() -> None:
    twice = [detection("mira", 0.7), detection("mira", 0.65, box=ELSEWHERE)]
    assert held(resolve_shot(shot(twice, []), RULES)) == [[], []]


@pytest.mark.parametrize("least", [0.54, 0.55, 0.56])
def test_people_are_asked_from_exactly_the_least_on(least: float) -> None:
    expected = [("mira", 0.55)] if least <= 0.55 else []
    assert asked([detection("mira", 0.55)], least=least) == expected


def test_nobody_is_asked_where_the_least_is_one_even_of_the_surest() -> None:
    rivals = [detection("mira", 1.0), detection("bram", 1.0)]
    assert asked(rivals, least=1) == []
    assert asked(rivals, least=0.99) == [("bram", 1.0)]


def test_the_more_confident_question_comes_first_and_takes_its_place() -> None:
    rules = DetectionRules(0.9, same_place_iou=1 / 3)
    two = shot([detection("bram", 0.5, box=MIDDLE), detection("mira", 0.6, box=LEFT)])
    (only,) = questions(resolve_shot(two, rules), 0.4, rules)
    assert only.detection.character == "mira"
    apart = DetectionRules(0.9, same_place_iou=0.34)
    both = questions(resolve_shot(two, apart), 0.4, apart)
    assert [one.detection.character for one in both] == ["mira", "bram"]


def test_equally_confident_boxes_come_larger_first_then_from_left_to_right_and_down() -> None:
    small = Box(x=0, y=0, w=0.1, h=0.1)
    places = [
        Box(x=0.5, y=0.5, w=0.2, h=0.2),
        Box(x=0.2, y=0.5, w=0.2, h=0.2),
        Box(x=0.2, y=0.1, w=0.2, h=0.2),
        small,
    ]
    resolved = resolve_shot(shot([detection("mira", 0.5, box=box) for box in places]), RULES)
    assert [d.detection.box for d in resolved.dropped] == [
        places[2], places[1], places[0], small,
    ]  # fmt: skip


WITH_PROPS = DetectionRules(min_confidence=0.6, props=frozenset({"lantern", "boat"}))


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("mira", "lantern", True),
        ("lantern", "mira", True),
        ("mira", "bram", False),
        ("lantern", "boat", False),
    ],
)
def test_a_prop_and_its_bearer_may_be_in_one_place(one: str, other: str, shared: bool) -> None:
    found = [detection(one, 0.9), detection(other, 0.85, box=NEARLY)]
    accepted = held(resolve_shot(shot(found), WITH_PROPS))[0]
    assert {character for character, _ in accepted} == ({one, other} if shared else set())


def test_a_stranger_contests_a_prop() -> None:
    stranger = detection(None, 0.9, box=NEARLY, label=NONE_OF_THEM)
    resolved = resolve_shot(shot([detection("lantern", 0.85), stranger]), WITH_PROPS)
    assert ("lantern", 0.85, "unsure") in reasons(resolved)


def test_in_a_drawing_a_prop_counts_beside_whoever_carries_it() -> None:
    found = [detection("mira", 0.9), detection("lantern", 0.8, box=FACE), detection("bram", 0.7)]
    assert [one.box for one in find_figures(found, WITH_PROPS)] == [BODY, FACE]
    assert [one.box for one in find_figures(found, RULES)] == [BODY]
