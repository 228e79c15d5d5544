"""One task of a season, in a process of its own: time, peak memory, and what goes through XCom.

    python -m bench.season.stages STAGE FOLDER FILMS MINUTES [FILM]

The steps are the product's; detections, embeddings and captions are generated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from bench.season.disk_bucket import DiskBucket
from bench.season.drawn_frames import HEIGHT, WIDTH, draw_picture, frame_key
from bench.shared.memory import peak_mb
from storyboard_ops.domain.image_records import (
    Box,
    Frame,
    FrameDetections,
    FrameScores,
    ImageRecord,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.crop_characters import crop_film, gather_crops, list_films
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from tests.material import cost_factories, factories

LEFT, RIGHT = Box(x=0.08, y=0.05, w=0.36, h=0.9), Box(x=0.56, y=0.05, w=0.36, h=0.9)
#: Samples of a shot, one a second.
SHOT_SAMPLES = 8
#: What generated pictures have in common.
DRAWN = factories.image(0, duplicate=None, caption=None, review=None)
#: Values of an embedding.
DIMENSIONS = 1_024
#: How far an embedding is turned from its direction: cosines within one are about 0.93.
TURN = 0.27


@dataclass(frozen=True)
class DrawnEmbedder:
    """Embeds a picture as a vector that its id decides: one of some directions, turned a little."""

    model_id: str = "drawn"
    directions: int = 50_000

    def embed(self, picture: bytes, image_id: str) -> NDArray[np.float32]:
        seed = int(image_id[:8], 16)
        centre = np.random.default_rng(seed % self.directions).standard_normal(DIMENSIONS)
        turned = centre + TURN * np.random.default_rng(seed).standard_normal(DIMENSIONS)
        return turned.astype(np.float32)


@dataclass(frozen=True)
class Season:
    """A folder with the bucket of a run, and the XComs of its tasks."""

    folder: Path
    films: int
    minutes: float
    film: int = 0  # of a task that is mapped over films

    def tools(self) -> ToolBox[RunSettings]:
        """The tool box of a task."""
        bucket = DiskBucket(self.folder)
        videos = [f"{factories.WORKSPACE}/videos/{film:04d}.mp4" for film in range(self.films)]
        settings = factories.settings(videos=videos, framings=["body"], max_enlargement=2.0)
        bedrock = SimpleNamespace(meta=SimpleNamespace(region_name="us-east-1"))
        clients = {"s3": bucket, "bedrock": bedrock}
        return ToolBox("season", settings, lambda service, region=None: clients[service])

    def pull(self, task: str) -> Any:
        """What a task has returned."""
        return json.loads(self.xcom(task).read_text())

    def xcom(self, task: str) -> Path:
        """Where the result of a task is kept."""
        return self.folder / f"xcom-{task}.json"

    def push(self, task: str, value: Any) -> int:
        """Keep what a task returns; returns its bytes."""
        kept = json.dumps(value)
        self.xcom(task).write_text(kept)
        return len(kept)

    def refs(self, task: str) -> list[ManifestRef]:
        """The manifests that the instances of a mapped task have returned."""
        return TypeAdapter(list[ManifestRef]).validate_python(self.pull(task))

    def film_refs(self) -> list[ManifestRef]:
        """The manifests of detections of this task's film."""
        groups = TypeAdapter(list[list[ManifestRef]]).validate_python(self.pull("listed"))
        return groups[self.film]

    def ref(self, task: str) -> ManifestRef:
        """The manifest that a task has returned."""
        return ManifestRef.model_validate(self.pull(task))


def upload_films(season: Season) -> dict[str, int]:
    """Upload films of one picture a second; the first picture makes each another one."""
    tools = season.tools()
    tools.write_record("production.json", factories.production())
    tools.write_record("preflight.json", cost_factories.preflight())
    for number, uri in enumerate(tools.settings.videos):
        file = season.folder / "film.mp4"
        _write_film(file, number, round(season.minutes * 60))
        key = uri.removeprefix(f"{factories.WORKSPACE}/")
        tools.clients("s3").put_object(Bucket="", Key=key, Body=file.read_bytes())
    return {}


def _write_film(file: Path, number: int, seconds: int) -> None:
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=1, options={"g": "60"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for second in range(seconds):
            pixels = np.full((36, 64, 3), second % 256, np.uint8)
            if second == 0:  # the number of the film, bit by bit
                pixels[:] = [[255 * (number >> column // 4 & 1)] * 3 for column in range(64)]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def plan(season: Season) -> Any:
    """Plan the shards, as ``plan_shards`` does."""
    return TypeAdapter(list[Shard]).dump_python(plan_shards(season.tools()), mode="json")


def detect(season: Season) -> Any:
    """Generate the detections of every shard: two characters in every frame."""
    tools = season.tools()
    shards = TypeAdapter(list[Shard]).validate_python(season.pull("plan"))
    films = {shard.video.uri: None for shard in shards}
    numbers = {uri: number for number, uri in enumerate(films)}
    refs = [_detect_shard(tools, shard, numbers[shard.video.uri]) for shard in shards]
    return [ref.model_dump(mode="json") for ref in refs]


def _detect_shard(tools: ToolBox[RunSettings], shard: Shard, film: int) -> ManifestRef:
    found = RecordSpool()
    for k in range(shard.first_k, shard.last_k):
        boxes = (factories.detection("mira", box=LEFT), factories.detection("bram", box=RIGHT))
        found.append(FrameDetections(frame=_frame(tools, shard, film, k), detections=boxes))
    library = tools.workspace.root / f"library/{shard.video.sha256[:32]}/season-{film}"
    place = library / f"detections/drawn/{shard.first_k}-{shard.last_k}.jsonl"
    frames = tools.manifests.commit(
        library / f"shards/drawn/{shard.first_k}-{shard.last_k}.jsonl", "frames", "drawn",
        [_frame(tools, shard, film, k) for k in range(shard.first_k, shard.last_k)],
    )  # fmt: skip
    summary = {"frames_manifest": frames.model_dump(mode="json")}
    return tools.manifests.commit(place, "detections", "drawn", found, summary)


def _frame(tools: ToolBox[RunSettings], shard: Shard, film: int, k: int) -> Frame:
    key = frame_key(film, k)
    return Frame(
        video=shard.video,
        k=k,
        pts=k,
        time_base="1/1",
        start_pts=0,
        width=WIDTH,
        height=HEIGHT,
        shot=k - k % SHOT_SAMPLES,
        scores=FrameScores(luma=0.4, contrast=0.2, sharpness=180.0),
        sha256=hashlib.sha256(key.encode()).hexdigest(),
        uri=str(tools.workspace.root / key),
    )


def listed(season: Season) -> Any:
    """Put the shards of each film together."""
    refs = season.refs("detect")
    return TypeAdapter(list[list[ManifestRef]]).dump_python(
        list_films(season.tools(), refs), mode="json"
    )


def crop(season: Season) -> Any:
    """Cut the pictures of a film."""
    return crop_film(season.tools(), season.film_refs()).model_dump(mode="json")


def draw(season: Season) -> Any:
    """Generate the pictures of the films that were not cut: what ``crop`` would cut."""
    for film in range(season.films):
        if not season.xcom(f"crop-{film}").exists():
            season.push(f"crop-{film}", _draw_film(replace(season, film=film)))


def _draw_film(season: Season) -> Any:
    tools, refs = season.tools(), season.film_refs()
    images = RecordSpool()
    for ref in refs:
        for found in tools.manifests.stream(ref, FrameDetections, "detections"):
            images.extend(_drawn_images(tools, found))
    folder = tools.run_root / "crops/films"
    drops = tools.manifests.commit(folder / f"{season.film}-drops.jsonl", "drops", "drawn", ())
    summary = {
        "detections_manifests": [ref.model_dump(mode="json") for ref in refs],
        "drops_manifest": drops.model_dump(mode="json"),
        "frames": sum(ref.count for ref in refs),
        "failures": {},
    }
    place = folder / f"{season.film}.jsonl"
    return tools.manifests.commit(place, "images", "drawn", images, summary).model_dump(mode="json")


def _drawn_images(tools: ToolBox[RunSettings], found: FrameDetections) -> Iterator[ImageRecord]:
    for detection in found.detections:
        png = draw_picture(f"{found.frame.uri} {detection.character}")
        image_id = hashlib.sha256(png).hexdigest()
        crop = DRAWN.crop.model_copy(
            update={"detection": detection, "sharpness": 100.0 + int(image_id[:6], 16) / 1e6}
        )
        yield DRAWN.model_copy(
            update={
                "image_id": image_id,
                "uri": tools.objects.put(tools.run_root / f"crops/{image_id}.png", png),
                "character": detection.character,
                "frame": found.frame,
                "crop": crop,
            }
        )


def distinct(season: Season) -> Any:
    """Gather the pictures, and drop near-duplicates by generated embeddings."""
    tools = season.tools()
    films = [season.ref(f"crop-{film}") for film in range(season.films)]
    found = drop_near_duplicates(tools, gather_crops(tools, films), DrawnEmbedder())
    return found.model_dump(mode="json")


def caption(season: Season) -> Any:
    """Generate captions of the kept pictures."""
    tools = season.tools()
    written = RecordSpool()
    words = factories.caption("Mira waits at the harbour with a lantern in her left hand.")
    for image in tools.manifests.stream(season.ref("distinct"), ImageRecord, "images"):
        written.append(image.model_copy(update={"caption": words}) if image.kept else image)
    place = tools.run_root / "captions/images.jsonl"
    return tools.manifests.commit(place, "images", "drawn", written).model_dump(mode="json")


def assemble(season: Season) -> Any:
    """Choose the candidates."""
    return assemble_dataset(season.tools(), season.ref("caption")).model_dump(mode="json")


def report(season: Season) -> Any:
    """Write the report."""
    tools = season.tools()
    detections = tuple(season.refs("detect"))
    headers = [tools.manifests.header(ref) for ref in detections]
    frames = [ManifestRef.model_validate(one.summary["frames_manifest"]) for one in headers]
    drops = tools.manifests.latest(tools.run_root / "crops/drops.jsonl")
    run = RunManifests(
        frames=tuple(frames),
        detections=detections,
        crop_drops=drops[0] if drops else None,
        images=season.ref("assemble"),
    )
    return write_report(tools, run)


STAGES: dict[str, Callable[[Season], Any]] = {
    "films": upload_films,
    "plan": plan,
    "detect": detect,
    "listed": listed,
    "crop": crop,
    "draw": draw,
    "distinct": distinct,
    "caption": caption,
    "assemble": assemble,
    "report": report,
}


def measure(season: Season, stage: str) -> dict[str, Any]:
    """Run a stage; returns seconds, peak memory, and bytes of XCom."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = STAGES[stage](season)
    name = f"crop-{season.film}" if stage == "crop" else stage
    return {
        "wall_s": round(time.perf_counter() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": round(peak_mb()),
        "xcom_bytes": season.push(name, value),
    }


def main(given: Sequence[str] | None = None) -> None:
    """Run one stage and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("films", type=int)
    parser.add_argument("minutes", type=float)
    parser.add_argument("film", type=int, nargs="?", default=0)
    asked = parser.parse_args(given)
    logging.disable(logging.WARNING)
    season = Season(asked.folder, asked.films, asked.minutes, asked.film)
    sys.stdout.write(json.dumps(measure(season, asked.stage)) + "\n")


if __name__ == "__main__":
    main()
