"""The approved dataset as it lies in the bucket: accepted by validators, read by trainers."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import BatchFailed, GateClosed
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories
from tests.reading.dataset_validator import labelling_faults, training_faults
from tests.reading.trainer_readers import read_ai_toolkit, read_kohya, read_musubi
from tests.studio.studio_fixture import Studio

PICTURES = 24
REJECTED = 3


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    tools = studio.tools()
    tools.write_record("production.json", factories.production())
    return tools


def stored(tools: ToolBox, k: int) -> ImageRecord:
    """An approved picture of Mira, every fourth from another shot."""
    png = encode_png(factories.picture(k))
    sha = sha256_hex(png)
    uri = tools.objects.put(tools.run_root / f"crops/{sha}.png", png, "image/png")
    caption = factories.caption(
        f"Mira holds lantern number {k} on the quay while the tide comes in"
    )
    return factories.image(k, image_id=sha, uri=uri, caption=caption)


def committed(tools: ToolBox, images: list[ImageRecord]) -> ManifestRef:
    return tools.manifests.commit(tools.run_root / "review/images.jsonl", "images", "d", images)


@pytest.fixture
def images(tools: ToolBox) -> list[ImageRecord]:
    """24 approved pictures of six shots, and three that were rejected."""
    approved = [stored(tools, k) for k in range(PICTURES)]
    return [*approved, *(factories.rejected(k) for k in range(100, 100 + REJECTED))]


@pytest.fixture
def published(tools: ToolBox, images: list[ImageRecord]) -> TrainingSet:
    return publish_dataset(tools, committed(tools, images))


def fetch_from(tools: ToolBox):
    def fetch(uri: str) -> bytes | None:
        place = S3Uri.parse(uri)
        return tools.objects.get(place) if tools.objects.head(place) else None

    return fetch


def written(tools: ToolBox, name: str) -> bytes:
    return tools.objects.get(tools.run_root / f"dataset/{name}")


def names(tools: ToolBox, folder: str) -> set[str]:
    return {head.uri.name for head in tools.objects.list(tools.run_root / f"dataset/{folder}/")}


def test_the_manifests_pass_an_independent_validator(tools, published):
    fetch = fetch_from(tools)
    assert training_faults(written(tools, "train.jsonl"), fetch) == []
    assert labelling_faults(written(tools, "labels.jsonl"), fetch) == []
    assert sha256_hex(written(tools, "train.jsonl")) == published.training_sha256


def test_no_shot_is_in_training_and_in_evaluation(tools, images, published):
    assert published.training + published.evaluation == PICTURES
    assert published.evaluation == 8
    shot = {f"mira_{image.image_id[:12]}.png": image.frame.shot for image in images if image.kept}
    sides = [
        {shot[name] for name in names(tools, folder) if name.endswith(".png")}
        for folder in ("images", "evaluation")
    ]
    assert len(sides[1]) == 2  # of six shots
    assert sides[0].isdisjoint(sides[1])
    assert len(sides[0] | sides[1]) == 6


def test_each_open_trainer_reads_back_what_bedrock_is_given(tools, published, tmp_path):
    download(tools, tmp_path)
    expected = {
        Path(line["image-ref"]).name: line["caption"]
        for line in map(json.loads, written(tools, "train.jsonl").decode().splitlines())
    }
    assert len(expected) == published.training
    for read in (
        read_kohya(tmp_path / "kohya.toml"),
        read_ai_toolkit(tmp_path / "ai_toolkit.yaml"),
    ):
        assert {picture.file.name: picture.caption for picture in read} == expected


def download(tools: ToolBox, folder: Path) -> None:
    root = tools.run_root / "dataset"
    for head in tools.objects.list(root):
        path = folder / head.uri.key.removeprefix(f"{root.key}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tools.objects.get(head.uri))


def test_the_card_tells_counts_sources_thresholds_and_digests(tools, published):
    card = json.loads(written(tools, "card.json"))
    assert (card["pictures"], card["training"], card["evaluation"]) == (24, 16, 8)
    assert card["source"]["licence"] == "CC BY 4.0"
    assert card["characters"]["Mira"] == {"full": 9, "medium": 9, "close": 6}
    assert sum(cell["pictures"] for cell in card["coverage"]) == 24
    assert {gap["character"] for gap in card["gaps"]} == {"bram", "pip"}
    assert card["left_out"] == {"review": {"rejected": 3}}
    assert card["thresholds"]["duplicate_above"] == 0.92
    assert [video["uri"] for video in card["videos"]] == [factories.VIDEO_URI]
    assert card["reviews"] == [
        {"desk": "a2i", "reviewer": "dana", "decision": "approve", "pictures": 24},
        {"desk": "a2i", "reviewer": "ilse", "decision": "reject", "pictures": 3},
    ]
    for name, digest in card["files"].items():
        assert hashlib.sha256(written(tools, name)).hexdigest() == digest


def test_the_card_is_a_page_too(tools, published):
    page = written(tools, "README.md").decode()
    assert page.startswith("# The Lantern Keepers: character pictures with captions\n")
    for line in (
        "| Licence | CC BY 4.0 |",
        "| Mira | 9 | 9 | 6 | 24 |",
        "| duplicate_above | 0.92 |",
        "- review: 3 rejected",
        "- ilse (a2i): 3 rejected",
    ):
        assert f"{line}\n" in page
    assert "{{" not in page and "{%" not in page


def test_what_a_later_review_rejects_does_not_stay_in_the_folders(tools, images, published):
    refused = images[0].model_copy(update={"dropped": factories.rejected(0).dropped})
    publish_dataset(tools, committed(tools, [refused, *images[1:]]))
    left = names(tools, "images") | names(tools, "evaluation")
    stem = f"mira_{refused.image_id[:12]}"
    assert f"{stem}.png" not in left
    assert f"{stem}.txt" not in left
    assert len(left) == 2 * (PICTURES - 1)


def test_publishing_again_writes_the_same_bytes(tools, images, published):
    before = {head.uri: head.etag for head in tools.objects.list(tools.run_root / "dataset/")}
    assert publish_dataset(tools, committed(tools, images)) == published
    assert {h.uri: h.etag for h in tools.objects.list(tools.run_root / "dataset/")} == before


def test_a_picture_that_is_gone_stops_the_dataset_and_is_named(tools, images):
    tools.objects.delete([S3Uri.parse(images[3].uri)])
    with pytest.raises(BatchFailed, match=f"1 of 8 pictures .*{images[3].image_id}"):
        publish_dataset(tools, committed(tools, images))


def test_too_few_pictures_are_not_published(tools, images):
    with pytest.raises(GateClosed, match="4 records; Nova Canvas fine-tuning takes 5 to 10,000"):
        publish_dataset(tools, committed(tools, images[:4]))


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda lines: lines[:4], "4 records are not 5 to 10,000"),
        (lambda lines: [*lines, "{"], "is not JSON"),
        (lambda lines: [lines[0].replace('"caption"', '"text"'), *lines[1:]], "exactly"),
        (lambda lines: [lines[0].replace("Mira", "Mira" * 300), *lines[1:]], "not 3 to 1,024"),
        (lambda lines: [lines[0].replace(".png", ".gif"), *lines[1:]], "does not exist"),
        (lambda lines: [lines[0].replace("}", ', "caption": "b"}'), *lines[1:]], "stands twice"),
    ],
)
def test_the_validator_finds_what_is_wrong(tools, published, spoil, fault):
    lines = written(tools, "train.jsonl").decode().splitlines()
    spoilt = "\n".join(spoil(lines)).encode()
    assert fault in "; ".join(training_faults(spoilt, fetch_from(tools)))


@pytest.mark.parametrize(
    ("size", "fault"),
    [
        ((511, 600), "a side is not"),
        ((512, 2_049), "the shape is not"),
        ((4_096, 3_073), "above 12,582,912 pixels"),
        ((512, 512), ""),
    ],
)
def test_the_validator_measures_pictures(size, fault):
    width, height = size
    png = encode_png(np.zeros((height, width, 3), np.uint8))
    line = json.dumps({"image-ref": "s3://bucket/a.png", "caption": "Mira"}) + "\n"
    assert fault in "; ".join(training_faults(line.encode() * 5, lambda uri: png))
    assert bool(training_faults(line.encode() * 5, lambda uri: png)) == bool(fault)


def test_every_picture_has_a_row_of_lineage_and_the_readme_explains_its_columns(tools, published):
    root = tools.run_root / "dataset"
    body = tools.objects.get(root / "lineage.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    laid_out = {head.uri.key.removeprefix(f"{root.key}/") for head in tools.objects.list(root)}
    assert {row["file"] for row in rows} == {name for name in laid_out if name.endswith(".png")}
    readme = tools.objects.get(root / "README.md").decode()
    assert all(f"| `{column}` |" in readme for column in rows[0])


def test_props_have_a_folder_of_their_own_that_every_trainer_reads(tools, images, tmp_path):
    tools.write_record("production.json", factories.production_with_prop())
    of_props = [
        image.model_copy(update={"character": "lantern"}) if k % 2 else image
        for k, image in enumerate(images)
    ]
    publish_dataset(tools, committed(tools, of_props))
    assert {name[:5] for name in names(tools, "images")} == {"mira_"}
    assert {name[:8] for name in names(tools, "props")} == {"lantern_"}
    listed = [json.loads(line) for line in written(tools, "pictures.jsonl").splitlines()]
    assert {line["file"].split("/")[0] for line in listed} == {"images", "props", "evaluation"}
    rows = csv.DictReader(io.StringIO(written(tools, "lineage.csv").decode("utf-8-sig")))
    assert {row["file"] for row in rows} == {line["file"] for line in listed}
    download(tools, tmp_path)
    given = {
        Path(record["image-ref"]).name: record["caption"]
        for record in map(json.loads, written(tools, "train.jsonl").splitlines())
    }
    for read in (
        read_kohya(tmp_path / "kohya.toml"),
        read_musubi(tmp_path / "musubi.toml"),
        read_ai_toolkit(tmp_path / "ai_toolkit.yaml"),
    ):
        assert {picture.file.name: picture.caption for picture in read} == given
    assert "| Old Lantern (prop) |" in written(tools, "README.md").decode()
    publish_dataset(tools, committed(tools, images))
    assert names(tools, "props") == set()
