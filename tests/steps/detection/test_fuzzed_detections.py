"""Whatever a model answers about a frame: never a crash, never an invalid manifest."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.image_records import FrameDetections
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.fakes.scripted_model import ScriptedModel
from tests.material import factories

FRAMES = tuple(encode_jpeg(factories.picture(seed, 320, 180)) for seed in range(4))
BLANK = encode_png(factories.picture(9, 64, 64))
SOUND = {"character": "mira", "box": [300, 200, 600, 900], "confidence": 0.9}

any_text = st.text(st.characters(codec=None, categories=None), max_size=40)
corners = st.integers(-(10**6), 10**6) | st.floats() | st.none() | any_text
broken = st.fixed_dictionaries(
    {
        "character": st.sampled_from(["mira", "Mira", "bram", "zorro", "\ud800"]) | any_text,
        "box": st.lists(corners, max_size=5)
        | st.lists(st.integers(0, 1000), min_size=4, max_size=4),
        "confidence": st.floats() | st.floats(0, 1) | any_text,
    }
)
items = st.just(SOUND) | broken
detections = st.lists(items, max_size=4).map(lambda found: json.dumps({"detections": found}))
cut = st.tuples(detections, st.integers(1, 60)).map(lambda pair: pair[0][: -pair[1]])
twice = detections.map(lambda text: text[:-1] + ', "detections": 7}')
whole = st.sampled_from(["", '{"detections": []}', '{"detections": {}}', "[" * 5_000, "no"])
answers = st.one_of(detections, cut, twice, whole, any_text)


def examined(script: list[list[str]]) -> list[FrameDetections]:
    """What the step writes when frames are answered like this; the last one is answered well."""
    model = ScriptedModel()
    for body, said in zip(FRAMES, [*script, [json.dumps({"detections": [SOUND]})]], strict=True):
        model.answers[sha256_hex(body)] = said
    clients = {"s3": MemoryBucket(), "bedrock-runtime": model}
    tools = ToolBox("run-1", factories.settings(max_lost_share=0.9), clients.__getitem__)
    sheet = factories.production()
    reference = tools.objects.put(tools.run_root / "blank.png", BLANK)
    cast = tuple(one.model_copy(update={"references": (reference,)}) for one in sheet.characters)
    tools.write_record("production.json", sheet.model_copy(update={"characters": cast}))
    frames = []
    for k, body in enumerate(FRAMES):
        uri = tools.objects.put(tools.workspace.root / f"library/film/samples/{k}.jpg", body)
        frames.append(_stored(k, uri, body))
    place = tools.workspace.root / "library/film/samples/shards/film/0-4.jsonl"
    ref = detect_characters(tools, tools.manifests.commit(place, "frames", "d", frames))
    return list(tools.manifests.read(ref, FrameDetections, "detections").records)


def _stored(k: int, uri: str, body: bytes) -> Any:
    return factories.frame(k).model_copy(update={"uri": uri, "sha256": sha256_hex(body)})


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(answers, min_size=1, max_size=2), min_size=3, max_size=3))
def test_fuzzed_answers_become_detections_or_reasons(script):
    records = examined(script)
    assert [record.frame.k for record in records] == [0, 1, 2, 3]
    assert [found.character for found in records[3].detections] == ["mira"]
    for record in records:
        assert not (record.detections and record.failure)
        for found in record.detections:
            assert found.character in ("mira", "bram", "pip")
            assert found.box.right <= 1 + 1e-9
            assert found.box.bottom <= 1 + 1e-9
