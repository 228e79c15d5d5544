"""The receipts of runs that share pictures add up to the endpoint's meter, call by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.storage import answer_store
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.dataset.write_captions import write_captions
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material.factories import frame, image, picture, production
from tests.studio.studio_fixture import Studio

#: A call that a service throttles, or fails at: it is made again, and not billed.
TROUBLE = [
    {"kind": "error", "code": code, "share": 0.2, "seed": code, "per_request": 1,
     "service": service, "operation": operation}
    for service, operation, code in (
        ("rekognition", "DetectLabels", "ProvisionedThroughputExceededException"),
        ("bedrock-runtime", "InvokeModel", "ThrottlingException"),
        ("bedrock-runtime", "Converse", "ThrottlingException"),
    )
]  # fmt: skip
PICTURES = range(12)
Bill = Counter[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def trouble(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(answer_store, "PAUSE_SECONDS", 0.01)
    studio.endpoint.admin("PUT", "faults", {"faults": TROUBLE})
    yield
    studio.endpoint.admin("DELETE", "faults")


def metered(studio: Studio) -> Bill:
    """Amounts on the endpoint's meter, as the product names them; nothing by the hour."""
    bill = Bill()
    for line in studio.endpoint.purchases():
        if "hour" not in line["unit"]:
            what = line["service"], line["resource"] or line["item"], line["unit"]
            bill[what] += line["quantity"]
    return bill


def booked(tools: Sequence[ToolBox]) -> Bill:
    """Amounts on the receipts."""
    bill = Bill()
    for one in tools:
        for usage in release_everything(one).usages:
            bill[usage.service, usage.item, usage.unit] += usage.amount
    return bill


def run(tools: ToolBox) -> None:
    """Detect in shared frames, and embed and caption shared pictures."""
    labels = replace(tools, settings=tools.settings.model_copy(update={"detectors": ["labels"]}))
    detect_characters(labels, frames(tools))
    distinct = drop_near_duplicates(tools, crops(tools), PictureEmbedder(tools))
    write_captions(tools, distinct)


def frames(tools: ToolBox) -> ManifestRef:
    """Frames of a film; each run has its own manifest of them, as films of two names have."""
    stored = []
    for k in PICTURES:
        uri = tools.run_root / f"frames/{k}.jpg"
        body = encode_jpeg(picture(k, 160, 90))
        tools.objects.put(uri, body)
        stored.append(frame(k).model_copy(update={"uri": str(uri), "sha256": sha256_hex(body)}))
    place = tools.run_root / "library/v/s/shards/0/0-12.jsonl"
    return tools.manifests.commit(place, "frames", tools.run_key, stored)


def crops(tools: ToolBox) -> ManifestRef:
    images: list[ImageRecord] = []
    for n in PICTURES:
        png = encode_png(picture(100 + n, 320, 320))
        uri = tools.objects.put(tools.run_root / f"crops/{sha256_hex(png)}.png", png)
        changes = {"duplicate": None, "caption": None, "review": None}
        images.append(image(n, "mira", image_id=sha256_hex(png), uri=uri, **changes))
    return tools.manifests.commit(tools.run_root / "crops/manifest.jsonl", "images", "d", images)


def opened(studio: Studio, run_key: str) -> ToolBox:
    tools = studio.tools(run_key, max_lost_share=0.9)
    tools.write_record("production.json", production())
    return tools


def test_runs_at_once_book_what_was_called(studio: Studio) -> None:
    before = metered(studio)
    tools = [opened(studio, f"run-{number}") for number in range(3)]
    ended = call_each(tools, run)
    assert [one.failure for one in ended] == [""] * 3
    called = metered(studio) - before
    assert {unit for _, _, unit in called} == {"image", "input_token", "output_token"}
    assert booked(tools) == called
    assert called["rekognition", "DetectLabels", "image"] == len(PICTURES)


def test_a_repeated_task_books_no_more(studio: Studio) -> None:
    before = metered(studio)
    tools = [opened(studio, f"again-{number}") for number in range(2)]
    call_each(tools, run)
    again = [opened(studio, one.run_key) for one in tools]
    call_each(again, run)
    assert booked(again) == metered(studio) - before
