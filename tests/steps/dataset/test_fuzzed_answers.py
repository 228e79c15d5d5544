"""Whatever a model answers: never a crash, never an invalid manifest; from question to dataset."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.dataset.write_captions import write_captions
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.fakes.scripted_model import ScriptedModel
from tests.material import factories
from tests.reading.dataset_validator import labelling_faults, training_faults

#: Pictures whose answers are fuzzed, and pictures that keep the dataset large enough to train.
FUZZED, SOUND = 5, 5
PNGS = tuple(encode_png(factories.picture(seed, 512, 512)) for seed in range(FUZZED + SOUND))
CAPTION = (
    "Mira leans over the wet railing and laughs at the gulls, seen from below against low clouds, "
    "while warm evening light falls across the harbour."
)
ANSWER = json.dumps({"caption": CAPTION, "characters": ["mira"]})

any_text = st.text(st.characters(codec=None, categories=None), max_size=60)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
scripts = st.sampled_from(
    ["ミラは灯台の前で手を振る", "ميرا تلوح بيدها", "मीरा", "🦉🏮", "\u202eMira\u202c"]
)


def answered(caption: Any, characters: Any = ("mira",)) -> str:
    return json.dumps({"caption": caption, "characters": characters}, ensure_ascii=False)


#: One strategy for each way in which answers go wrong.
WAYS = {
    "sound": st.just(ANSWER),
    "truncated": st.integers(0, len(ANSWER) - 1).map(lambda end: ANSWER[:end]),
    "extra text": st.tuples(any_text, any_text).map(lambda around: around[0] + ANSWER + around[1]),
    "empty": st.sampled_from(["", " \n", "{}", "[]", "null", '{"caption": ""}']),
    "wrong names": st.sampled_from(["Zorro", "Bram", "mira_vale", "MIRA"]).map(
        lambda name: answered(CAPTION.replace("Mira", name), [name.lower()])
    ),
    "5,000 words": st.text("ab ", min_size=1, max_size=9).map(
        lambda word: answered(f"Mira {word} " * 5_000)
    ),
    "other scripts": scripts.map(lambda text: answered(f"Mira {text} {CAPTION}")),
    "control characters": st.characters(categories=["Cc", "Cf", "Co"]).map(
        lambda character: answered(CAPTION.replace(" ", character, 3))
    ),
    "lone surrogates": st.characters(codec=None, categories=["Cs"]).map(
        lambda half: answered(CAPTION.replace(" ", half, 1), [half])
    ),
    "escaped surrogates": st.just(ANSWER.replace("Mira", r"Mira \ud800 \udfff\ud83e")),
    "nested": json_values.map(lambda value: answered({"caption": value})),
    "JSON in a text": st.just(answered(ANSWER)),
    "duplicate keys": any_text.map(lambda text: ANSWER[:-1] + f', "caption": {json.dumps(text)}}}'),
    "other values": st.tuples(json_values, json_values).map(lambda pair: answered(*pair)),
    "anything": any_text,
}
ways = st.sampled_from(sorted(WAYS)).flatmap(WAYS.__getitem__)


def run_with(answers: list[list[str]]) -> tuple[ToolBox, MemoryBucket, TrainingSet]:
    """Caption, assemble, approve and publish ten pictures, of which five are answered like this."""
    bucket, model = MemoryBucket(), ScriptedModel()
    clients = {"s3": bucket, "bedrock-runtime": model}
    tools = ToolBox("run-1", factories.settings(review_desk="without_people"), clients.__getitem__)
    tools.write_record("production.json", factories.production())
    for number, png in enumerate(PNGS):
        script = answers[number] if number < FUZZED else [numbered(number)]
        model.will_answer(png, *script)
    captioned = write_captions(tools, _crops(tools))
    candidates = assemble_dataset(tools, captioned)
    reviewed = apply_review(tools, candidates, open_review(tools, candidates))
    return tools, bucket, publish_dataset(tools, reviewed)


def numbered(number: int) -> str:
    return answered(CAPTION.replace("the gulls", f"gull number {number} of many"))


def _crops(tools: ToolBox):
    records = []
    for k, png in enumerate(PNGS):
        uri = tools.objects.put(tools.run_root / f"crops/{sha256_hex(png)}.png", png)
        bare: dict[str, Any] = {"caption": None, "review": None, "width": 512, "height": 512}
        records.append(factories.image(k, image_id=sha256_hex(png), uri=uri, **bare))
    return tools.manifests.commit(tools.run_root / "crops/distinct.jsonl", "images", "d", records)


def check(tools: ToolBox, bucket: MemoryBucket, dataset: TrainingSet) -> list[ImageRecord]:
    """Every written manifest is what it says it is; returns the pictures in their last state."""

    def fetch(uri: str) -> bytes | None:
        return bucket.objects.get(S3Uri.parse(uri).key)

    files = {
        key.rpartition("dataset/")[2]: body
        for key, body in bucket.objects.items()
        if "/dataset/" in key
    }
    assert training_faults(files["train.jsonl"], fetch) == []
    assert labelling_faults(files["labels.jsonl"], fetch) == []
    for name, body in files.items():
        if name.endswith(".txt"):
            assert 3 <= len(body.decode()) <= 1_024
            assert len(body.decode().splitlines()) == 1
    for name in ("captions/images.jsonl", "dataset/candidates.jsonl"):
        header, *lines = bucket.objects[f"{tools.run_root.key}/{name}"].decode().split("\n")[:-1]
        assert json.loads(header)["count"] == len([json.loads(line) for line in lines]) == len(PNGS)
    images = tools.manifests.read(dataset.images, ImageRecord, "images").records
    assert dataset.training + dataset.evaluation == sum(image.kept for image in images) >= SOUND
    assert all(image.dropped.detail for image in images if image.dropped)
    return list(images)


@pytest.mark.long
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(ways, min_size=1, max_size=2), min_size=FUZZED, max_size=FUZZED))
def test_fuzzed_answers_never_crash_and_never_spoil_a_manifest(answers):
    check(*run_with(answers))


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (ANSWER, "kept"),
        (f"Sure! ```json\n{ANSWER}\n``` Anything else?", "kept"),
        (ANSWER[:-30], "no caption: The answer contains no complete JSON object"),
        ("", "no caption: The answer is empty."),
        (answered(CAPTION.replace("Mira", "Zorro")), "caption unusable: does not call"),
        (answered("Mira waves. " * 2_500), "caption unusable: 29,999 characters"),
        (answered("ミラは灯台の前で手を振る"), "caption unusable: does not call"),
        (
            answered(f"Mira \x07 {CAPTION}"),
            'no caption: "caption" contains characters that',
        ),
        (
            answered(f"Mira \ud800 {CAPTION}"),
            'no caption: "caption" contains characters that',
        ),
        (answered({"caption": CAPTION}), "kept"),
        (answered({"words": CAPTION}), 'no caption: "caption" is not a text'),
        (ANSWER[:-1] + ', "caption": "Mi"}', "caption unusable: 2 characters"),
    ],
    ids=lambda value: str(value)[:24].encode("ascii", "replace").decode(),
)
def test_each_way_ends_in_a_caption_or_in_a_reason(answer, fate):
    images = check(*run_with([[answer]] + [[numbered(90 + k)] for k in range(FUZZED - 1)]))
    drop = images[0].dropped
    told = f"{drop.reason}: {drop.detail}" if drop else "kept"
    assert told.startswith(fate)
