"""Whole runs of the pipeline, step by step and without Airflow, on films of a few seconds.

What later steps, removals and comparisons find of such a run is what the pipeline itself wrote;
only who is where, and the captions, are told by the test.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import yaml

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import (
    Box,
    Detection,
    Frame,
    FrameDetections,
    ImageRecord,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import HumanLoop
from storyboard_ops.steps.dataset.approved_datasets import announce_dataset
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import draw_storyboard
from storyboard_ops.steps.storyboard.measure_consistency import measure_consistency
from storyboard_ops.steps.training.bedrock.customize_model import (
    finish_customization,
    start_customization,
)
from storyboard_ops.steps.training.bedrock.provide_capacity import finish_capacity, start_capacity
from tests.material import factories
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio


def candidates_of(tools: ToolBox) -> ManifestRef:
    """From preflight to the dataset that people are asked about; characters stand where told."""
    check_preflight(tools)
    found = [found_by_hand(tools, sample_frames(tools, shard)) for shard in plan_shards(tools)]
    crops = crop_characters(tools, found)
    distinct = drop_near_duplicates(tools, crops, PictureEmbedder(tools))
    return assemble_dataset(tools, captioned_by_hand(tools, distinct))


def found_by_hand(tools: ToolBox, ref: ManifestRef) -> ManifestRef:
    """Mira in every frame, Bram beside her in every third; an answer is kept for each frame."""
    frames = tools.manifests.read(ref, Frame, "frames").records
    records = []
    for frame in frames:
        if frame.dropped is None:
            tools.answers.ask(
                "bedrock.converse", digest_of("who?", frame.sha256), lambda: ("", ()), frame.sha256
            )
            cast = ("mira", "bram") if frame.k % 3 == 0 else ("mira",)
            records.append(FrameDetections(frame=frame, detections=tuple(map(_standing, cast))))
    uri = (
        S3Uri.parse(ref.uri.partition("/shards/")[0]) / f"detections/d/{S3Uri.parse(ref.uri).name}"
    )
    digest = digest_of("by hand", ref.sha256)
    if found := tools.manifests.find(uri, digest):
        return found[0]
    summary = {"frames_manifest": ref.model_dump(mode="json")}
    return tools.manifests.commit(uri, "detections", digest, records, summary)


def _standing(character: str) -> Detection:
    left, top = {"mira": (0.01, 0.02), "bram": (0.54, 0.45)}[character]
    return factories.detection(character, box=Box(x=left, y=top, w=0.45, h=0.5))


def captioned_by_hand(tools: ToolBox, ref: ManifestRef) -> ManifestRef:
    """A caption of its own for every picture, and the answer that it was bought by."""
    images = tools.manifests.read(ref, ImageRecord, "images").records
    records = []
    for image in images:
        text = f"{image.character.title()} waits in picture {image.image_id[60:]} of the film"
        tools.answers.ask(
            "bedrock.converse", digest_of("what?", image.image_id), lambda: ("", ()), image.image_id
        )
        update = {"caption": factories.caption(text)} if image.kept else {}
        records.append(image.model_copy(update=update))
    uri = tools.run_root / "captions/images.jsonl"
    return tools.manifests.commit(uri, "images", digest_of("by hand", ref.sha256), records)


def approved_dataset(studio: Studio, tools: ToolBox, candidates: ManifestRef) -> TrainingSet:
    """Review by people in A2I who like everything, and the dataset for trainers."""
    opened = open_review(tools, candidates)
    for loop in tools.manifests.read(opened, HumanLoop, "human_loops").records:
        answer(studio, loop, approved(loop))
    dataset = publish_dataset(tools, apply_review(tools, candidates, opened))
    announce_dataset(tools, dataset)
    return dataset


def trained_and_drawn(tools: ToolBox, dataset: TrainingSet) -> None:
    """A model, a storyboard by it, its figures, and everything that bills given back."""
    name = start_customization(tools, dataset)
    control = tools.clients("bedrock")
    assert wait_until(
        lambda: control.get_model_customization_job(jobIdentifier=name)["status"] == "Completed",
        seconds=20,
        pause=0.05,
    )
    model = finish_customization(tools, name)
    capacity = start_capacity(tools, model)
    assert wait_until(
        lambda: (
            control.get_provisioned_model_throughput(provisionedModelId=capacity)["status"]
            == "InService"
        ),
        seconds=20,
        pause=0.05,
    )
    panels = draw_storyboard(tools, finish_capacity(tools, capacity))
    measure_consistency(tools, panels, dataset)
    release_everything(tools)


def reported(tools: ToolBox) -> dict[str, Any]:
    """The report of a run that took an hour."""
    times = ("2026-11-23T06:00:00+00:00", "2026-11-23T07:00:00+00:00")
    return write_report(tools, collect_manifests(tools, *times))


def quiet_film(path: Path, seconds: Iterable[int]) -> Path:
    """A film of one frame a second; second n shows factories.picture of the n-th number."""
    side = 768
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = side, side, "yuv420p"
        for seed in seconds:
            shown = factories.picture(seed, side, side)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    return path


def lantern_production(studio: Studio) -> str:
    """Upload the production of the factories, with reference pictures; returns its URI."""
    sheet = factories.production().model_dump(mode="json", exclude={"settings"})
    folder = S3Uri(studio.bucket, "productions/lantern-keepers")
    put = studio.client("s3").put_object
    for number, character in enumerate(sheet["characters"], start=500):
        body = encode_png(factories.picture(number, 200, 200))
        put(Bucket=studio.bucket, Key=f"{folder.key}/{character['references'][0]}", Body=body)
    body = yaml.safe_dump(sheet).encode()
    put(Bucket=studio.bucket, Key=f"{folder.key}/lantern.yaml", Body=body)
    return str(folder / "lantern.yaml")
