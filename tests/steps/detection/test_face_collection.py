"""The face collection: made once from the references, shared, and honest about what it lacks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.steps.detection.face_collection import build_collection
from storyboard_ops.steps.detection.names import collection_name
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material.drawn.faces import ANA, BEN, face, scene
from tests.material.drawn.production import begun_run
from tests.studio.studio_fixture import Studio

CAST = {"ana": [face(ANA)], "ben": [face(BEN), face(BEN, 200)]}
FACELESS = np.full((200, 200, 3), 90, np.uint8)
FACES_ONLY = {"detectors": ["faces"], "keep_model": False}


def indexed(studio: Studio, name: str) -> list[str]:
    faces = studio.client("rekognition").list_faces(CollectionId=name)["Faces"]
    return sorted(one["ExternalImageId"] for one in faces)


def paid(studio: Studio, item: str) -> float:
    lines = studio.endpoint.admin("GET", "bill")["lines"]
    return sum(line["quantity"] for line in lines if line["item"] == item)


def test_every_reference_is_indexed_under_its_character(studio):
    tools = begun_run(studio, CAST, **FACES_ONLY)
    made = build_collection(tools)
    assert made.faces == {"ana": 1, "ben": 2}
    assert indexed(studio, made.name) == ["ana", "ben", "ben"]
    assert [(u.item, u.amount) for u in tools.booked()] == [("IndexFaces", 3)]


def test_a_retry_and_another_run_adopt_it_and_pay_nothing(studio):
    made = build_collection(begun_run(studio, CAST, **FACES_ONLY))
    before = paid(studio, "IndexFaces")
    retried = begun_run(studio, CAST, **FACES_ONLY)
    other = begun_run(studio, CAST, run_key="run-2", **FACES_ONLY)
    assert build_collection(retried) == made
    assert build_collection(other) == made
    assert paid(studio, "IndexFaces") == before
    assert [u.amount for u in retried.booked()] == [3]
    assert other.booked() == ()


def test_no_face_is_looked_for_in_a_prop(studio):
    tools = begun_run(studio, CAST, **FACES_ONLY)
    everybody = build_collection(tools).name
    ana, ben = tools.production.characters
    mask = ben.model_copy(update={"kind": "prop"})
    tools.write_record(
        "production.json", tools.production.model_copy(update={"characters": (ana, mask)})
    )
    with_prop = ToolBox(tools.run_key, tools.settings, tools.clients)
    made = build_collection(with_prop)
    assert made.name != everybody
    assert indexed(studio, made.name) == ["ana"]


def test_a_changed_reference_makes_another_collection(studio):
    first = build_collection(begun_run(studio, CAST, **FACES_ONLY))
    changed = {**CAST, "ana": [face(ANA, ground=(20, 80, 40))]}
    assert build_collection(begun_run(studio, changed, **FACES_ONLY)).name != first.name


def test_a_reference_without_a_face_is_named_with_its_reason(studio):
    cast = {"ana": [FACELESS, face(ANA)], "ben": [face(BEN)]}
    made = build_collection(begun_run(studio, cast, **FACES_ONLY))
    assert made.faces == {"ana": 1, "ben": 1}
    assert [(u.character, u.number, u.reason) for u in made.unusable] == [
        ("ana", 1, "no face was found")
    ]


def test_of_two_faces_in_a_reference_the_larger_is_taken(studio):
    cast = {"ana": [scene((ANA, 80, 60, 150), (BEN, 400, 90, 90))], "ben": [face(BEN)]}
    assert build_collection(begun_run(studio, cast, **FACES_ONLY)).faces == {"ana": 1, "ben": 1}


@pytest.fixture
def blurred():
    """Somebody large out of focus, and a smaller face that is sharp."""
    shown = scene((ANA, 60, 40, 240), (BEN, 450, 90, 110))
    shown[:, :380] = cv2.GaussianBlur(shown[:, :380], (0, 0), 6)
    return shown


def test_a_bystander_who_is_sharper_than_the_character_is_not_learned(studio, blurred):
    cast = {"ana": [face(ANA), blurred], "ben": [face(BEN)]}
    tools = begun_run(studio, cast, **FACES_ONLY)
    for _ in ("first try", "retry, which pays nothing more"):
        with pytest.raises(ProductionError) as refused:
            build_collection(tools)
        assert "reference picture 2 of 'ana'" in str(refused.value)
        assert "LOW_SHARPNESS. Cut the picture to the character" in str(refused.value)
        assert indexed(studio, collection_name(tools)) == ["ana", "ben"]
        assert [(u.item, u.amount) for u in tools.booked()] == [("IndexFaces", 3)]
        tools = begun_run(studio, cast, **FACES_ONLY)


def test_of_strangers_any_face_will_do(studio, blurred):
    tools = begun_run(studio, CAST, strangers=[blurred], **FACES_ONLY)
    assert build_collection(tools).faces == {"ana": 1, "ben": 2, "none_of_them": 1}


def test_characters_without_any_face_are_one_clear_error(studio):
    cast = {"ana": [face(ANA)], "rex": [FACELESS], "tom": [FACELESS + 9]}
    with pytest.raises(ProductionError) as refused:
        build_collection(begun_run(studio, cast, **FACES_ONLY))
    assert "No reference picture of 'rex', 'tom' shows a face" in str(refused.value)
    assert "add multimodal or custom_labels" in str(refused.value)


def test_another_detector_may_name_who_has_no_face(studio):
    cast = {"ana": [face(ANA)], "rex": [FACELESS]}
    tools = begun_run(studio, cast, detectors=["faces", "multimodal"])
    assert build_collection(tools).faces == {"ana": 1, "rex": 0}


def test_the_release_deletes_it_unless_it_is_kept(studio):
    tools = begun_run(studio, CAST, **FACES_ONLY)
    made = build_collection(tools)
    receipt = release_everything(tools)
    assert [(r.kind, bool(r.deleted_at)) for r in receipt.resources] == [("face collection", True)]
    assert made.name not in studio.client("rekognition").list_collections()["CollectionIds"]

    keeping = begun_run(studio, CAST, run_key="run-2", detectors=["faces"], keep_model=True)
    build_collection(keeping)
    (line,) = release_everything(keeping).resources
    assert (line.kept, line.deleted_at) == (True, "")
    assert "kept on purpose (keep_model)" in line.note
    assert indexed(studio, made.name) == ["ana", "ben", "ben"]


def test_a_collection_that_another_run_uses_is_left_to_it(studio):
    first = begun_run(studio, CAST, **FACES_ONLY)
    made = build_collection(first)
    second = begun_run(studio, CAST, run_key="run-2", **FACES_ONLY)
    build_collection(second)
    (line,) = release_everything(first).resources
    assert line.kept and "transferred to run-2" in line.note
    assert indexed(studio, made.name) == ["ana", "ben", "ben"]
    release_everything(second)
    assert made.name not in studio.client("rekognition").list_collections()["CollectionIds"]


def test_a_run_that_only_used_it_leaves_it_to_the_run_that_made_it(studio):
    first = begun_run(studio, CAST, **FACES_ONLY)
    made = build_collection(first)
    second = begun_run(studio, CAST, run_key="run-2", **FACES_ONLY)
    build_collection(second)
    assert release_everything(second).resources == ()
    assert indexed(studio, made.name) == ["ana", "ben", "ben"]
    release_everything(first)
    assert made.name not in studio.client("rekognition").list_collections()["CollectionIds"]
