"""Earlier runs of a production, as they look to later ones: with an approved dataset."""

from __future__ import annotations

from collections.abc import Iterable

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.training.retraining_records import ApprovedDataset
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.dataset.approved_datasets import announce_dataset
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories


def started(tools: ToolBox) -> ToolBox:
    """The tool box of a run whose preflight has passed."""
    loaded = load_production(tools.objects, tools.settings.production)
    write_run(tools, loaded, PreflightReport(checks=()))
    return tools


def approved_run(
    tools: ToolBox, seconds: Iterable[int], rejected: Iterable[int] = ()
) -> ApprovedDataset:
    """Let a run approve the pictures of some seconds, and reject those of others."""
    started(tools)
    images = [stored_image(tools, k) for k in seconds]
    images += [stored_image(tools, k, factories.rejected(k)) for k in rejected]
    uri = tools.run_root / "review/images.jsonl"
    ref = tools.manifests.commit(uri, "images", "d", images)
    return announce_dataset(tools, publish_dataset(tools, ref))


def stored_image(tools: ToolBox, k: int, record: ImageRecord | None = None) -> ImageRecord:
    """The record of a picture that lies in the workspace; equal seconds give equal pictures."""
    png = encode_png(factories.picture(k))
    sha = sha256_hex(png)
    uri = tools.objects.put(tools.run_root / f"crops/{sha}.png", png, "image/png")
    image = record or factories.image(k)
    frame = image.frame.model_copy(update={"uri": uri, "sha256": sha})  # the crop is the frame
    return image.model_copy(update={"image_id": sha, "uri": uri, "frame": frame})
