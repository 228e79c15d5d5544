"""The contract of every detector, whichever service it uses, tested on the local endpoint."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.domain.image_records import Detection, FrameDetections
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.detection.custom_inference import stop_inference
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.detection.detectors import DETECTORS, Detector, chosen_detectors
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.local_aws.vision.drawn_pictures import meadow
from tests.material.drawn.faces import ANA, BEN, face
from tests.material.drawn.faces import scene as people
from tests.material.drawn.production import begun_run, frames_manifest
from tests.studio import custom_models
from tests.studio.custom_models import fault, ready, rgb
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import Studio

Picture = NDArray[np.uint8]  # (H, W, 3) RGB
Bill = Mapping[tuple[str, str], float]  # amount by item and unit

FIGURES = {"mira": custom_models.CAST["mira"]}, custom_models.CAST["bolt"]
PEOPLE = {"ana": [face(ANA)]}, [face(BEN)]
FIGURES_SCENE = custom_models.scene()[0]
PEOPLE_SCENE = people((ANA, 80, 60, 120), (BEN, 400, 90, 100))


@dataclass(frozen=True)
class Case:
    """A detector, the pictures it learns from, a frame with a character and a stranger in it."""

    cast: tuple[Mapping[str, Sequence[Picture]], Sequence[Picture]]  # characters, strangers
    frame: Picture
    empty: Picture
    found: list[tuple[str | None, str]]  # character and label of each detection, in any order
    call: tuple[str, str]  # service and operation that examines a frame
    billed: set[str]  # units of what a frame costs; none where a running model bills by the hour


CASES = {
    "multimodal": Case(
        cast=FIGURES,
        frame=FIGURES_SCENE,
        empty=rgb(meadow(seed=5)),
        found=[("mira", "mira"), (None, NONE_OF_THEM)],
        call=("bedrock-runtime", "Converse"),
        billed={"input_token", "output_token"},
    ),
    "labels": Case(
        cast=PEOPLE,
        frame=PEOPLE_SCENE,
        empty=people(),
        found=[(None, label) for label in ("Face", "Head", "Person") for _ in "ab"],
        call=("rekognition", "DetectLabels"),
        billed={"image"},
    ),
    "faces": Case(
        cast=PEOPLE,
        frame=PEOPLE_SCENE,
        empty=people(),
        found=[("ana", "ana"), (None, NONE_OF_THEM)],
        call=("rekognition", "DetectFaces"),
        billed={"image"},
    ),
    "custom_labels": Case(
        cast=FIGURES,
        frame=FIGURES_SCENE,
        empty=rgb(meadow(seed=5)),
        found=[("mira", "mira"), (None, NONE_OF_THEM)],
        call=("rekognition", "DetectCustomLabels"),
        billed=set(),
    ),
}


@dataclass
class Stage:
    """A workspace in which a detector is ready for any number of runs."""

    name: str
    studio: Studio
    runs: list[ToolBox[RunSettings]] = field(default_factory=list)

    @property
    def case(self) -> Case:
        return CASES[self.name]

    def run(self) -> ToolBox[RunSettings]:
        """A new run that uses this detector alone."""
        characters, strangers = self.case.cast
        tools = begun_run(self.studio, characters, f"run-{len(self.runs)}", strangers)
        # Labels name nobody, so settings refuse them alone; as a detector they work alone.
        only = tools.settings.model_copy(update={"detectors": [self.name]})
        tools = replace(tools, settings=only)
        ready(tools)
        self.runs.append(tools)
        return replace(tools)  # each task has a tool box of its own, and books what it bought

    def fails(self, times: int) -> Any:
        """Let the service refuse the next ``times`` frames."""
        service, operation = self.case.call
        rule = {"service": service, "operation": operation, "times": times}
        return fault(self.studio, kind="error", code=REFUSALS[service], **rule)

    def bill(self) -> Bill:
        """Return what the endpoint bills so far, less what it bills by time."""
        amounts: defaultdict[tuple[str, str], float] = defaultdict(float)
        for line in self.studio.endpoint.purchases():
            if "hour" not in line["unit"]:
                # Tokens are billed by the operation and booked by the model.
                item = line["resource"] if line["service"] == "bedrock" else line["item"]
                amounts[item, line["unit"]] += line["quantity"]
        return amounts


REFUSALS = {"rekognition": "InvalidParameterException", "bedrock-runtime": "ValidationException"}


@pytest.fixture(scope="module", params=DETECTORS)
def stage(request: pytest.FixtureRequest, local_endpoint: RunningEndpoint) -> Iterator[Stage]:
    prepared = Stage(request.param, Studio.opened(local_endpoint))
    yield prepared
    for tools in prepared.runs:
        stop_inference(tools)


def detector_of(tools: ToolBox[RunSettings]) -> Detector:
    (detector,) = chosen_detectors(tools)
    return detector


def variant(picture: Picture, number: int) -> Picture:
    """The picture with a corner of another shade: the same content in other bytes."""
    changed = picture.copy()
    changed[-8:, :8] = 20 * number
    return changed


def records(tools: ToolBox[RunSettings], ref: ManifestRef) -> tuple[FrameDetections, ...]:
    return tools.manifests.read(ref, FrameDetections, "detections").records


def lose_answers(tools: ToolBox[RunSettings]) -> None:
    kept = tools.objects.list(tools.workspace.root / "library/answers")
    tools.objects.delete([head.uri for head in kept])


def test_it_finds_who_is_in_the_frame_in_records_within_bounds(stage: Stage) -> None:
    tools = stage.run()
    frame = variant(stage.case.frame, 1)
    (record,) = records(tools, detect_characters(tools, frames_manifest(tools, [frame])))
    found = Counter((one.character, one.label) for one in record.detections)
    assert found == Counter(stage.case.found)
    for one in record.detections:
        assert 0 <= one.box.x < one.box.right <= 1 + 1e-9
        assert 0 <= one.box.y < one.box.bottom <= 1 + 1e-9
        assert 0.5 < one.confidence <= 1
        assert one.detector == stage.name
        assert one.model_id
    assert record.failure == ""


def test_an_empty_frame_gives_no_detection(stage: Stage) -> None:
    assert detector_of(stage.run()).find(encode_jpeg(stage.case.empty)) == ()


def test_an_answer_is_bought_once_whichever_run_needs_it(stage: Stage) -> None:
    frame = encode_jpeg(variant(stage.case.frame, 2))
    first, other = stage.run(), stage.run()
    found, bought, _ = examine(first, frame)
    paid = stage.bill()
    assert bought > 0
    assert examine(first, frame) == (found, 0, bought)
    assert examine(other, frame) == (found, 0, bought)
    assert stage.bill() == paid


def test_a_frame_has_the_same_detections_when_its_answers_are_bought_again(stage: Stage) -> None:
    frame = encode_jpeg(variant(stage.case.frame, 3))
    first, again = stage.run(), stage.run()
    found, bought, _ = examine(first, frame)
    lose_answers(first)
    assert examine(again, frame) == (found, bought, 0)
    assert detector_of(again).digest == detector_of(first).digest


def examine(tools: ToolBox[RunSettings], frame: bytes) -> tuple[tuple[Detection, ...], int, int]:
    """Return the detections, and the numbers of answers that were bought and reused for them."""
    bought, reused = tools.answers.bought, tools.answers.reused
    found = detector_of(tools).find(frame)
    return found, tools.answers.bought - bought, tools.answers.reused - reused


def test_what_it_books_is_what_the_service_bills(stage: Stage) -> None:
    tools = stage.run()
    paid, booked = stage.bill(), amounts(tools)
    frames = [variant(stage.case.frame, 4), variant(stage.case.empty, 4)]
    detect_characters(tools, frames_manifest(tools, frames))
    billed = difference(stage.bill(), paid)
    assert {unit for _, unit in billed} == stage.case.billed
    assert difference(amounts(tools), booked) == billed


def amounts(tools: ToolBox[RunSettings]) -> Bill:
    """Return what the run has booked so far, less what it books by time."""
    booked: defaultdict[tuple[str, str], float] = defaultdict(float)
    for usage in tools.booked():
        if usage.unit != "hour":
            booked[usage.item, usage.unit] += usage.amount
    return booked


def difference(later: Bill, earlier: Bill) -> Bill:
    changed = {item: amount - earlier.get(item, 0) for item, amount in later.items()}
    return {item: amount for item, amount in changed.items() if amount}


def test_a_frame_that_fails_is_reported_and_only_it_is_examined_again(stage: Stage) -> None:
    tools = stage.run()
    ref = frames_manifest(tools, [variant(stage.case.frame, number) for number in (5, 6, 7)])
    with stage.fails(times=1):
        found = records(tools, detect_characters(tools, ref))
    (failed,) = [record for record in found if record.failure]
    assert REFUSALS[stage.case.call[0]] in failed.failure
    assert failed.detections == ()
    whole = [record for record in found if not record.failure]
    assert [len(record.detections) for record in whole] == [len(stage.case.found)] * 2
    later = stage.run()
    complete = records(later, detect_characters(later, ref))
    assert [record.failure for record in complete] == [""] * 3
    assert later.answers.bought == tools.answers.bought / 2


def test_a_frame_that_is_not_a_picture_is_reported_and_stops_no_other(stage: Stage) -> None:
    tools = stage.run()
    ref = frames_manifest(tools, [variant(stage.case.frame, 8), variant(stage.case.frame, 9)])
    uri = next(r for r in tools.objects.list(tools.workspace.root) if r.uri.name == "0.jpg").uri
    tools.objects.put(uri, b"no picture")
    broken, whole = records(tools, detect_characters(tools, ref))
    assert broken.failure
    assert broken.detections == ()
    assert [len(whole.detections), whole.failure] == [len(stage.case.found), ""]
