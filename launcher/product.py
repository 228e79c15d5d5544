"""The product's own rules, for checks before anything is started.

`plugins/` is on Airflow's path but not on this program's; this is the one place that adds it.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

from launcher.layout import PROJECT_ROOT

sys.path.insert(0, str(PROJECT_ROOT / "plugins"))

from storyboard_ops.airflow_ops.approval.paths import review_page
from storyboard_ops.domain.error_tree import BadInput as ProductBadInput
from storyboard_ops.domain.error_tree import StoryboardError as ProductError
from storyboard_ops.domain.image_records import Frame, ImageRecord, Panel
from storyboard_ops.domain.ingest.upload_records import REJECTED_QUEUE, UPLOADS_QUEUE
from storyboard_ops.domain.manifest_codec import decode_manifest
from storyboard_ops.domain.money.sweep_report import SweepReport
from storyboard_ops.domain.object_keys import S3Uri, Workspace, run_key
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.settings.run import (
    AccountSettings,
    RunSettings,
    parse_as,
    parse_settings,
)


class Clients(Protocol):
    """Gives the client of a service by its boto3 name."""

    def __call__(self, service: str) -> Any: ...


__all__ = [
    "REJECTED_QUEUE",
    "UPLOADS_QUEUE",
    "AccountSettings",
    "Clients",
    "Frame",
    "ImageRecord",
    "Panel",
    "PreflightReport",
    "ProductBadInput",
    "ProductError",
    "Production",
    "RunSettings",
    "S3Uri",
    "SweepReport",
    "Workspace",
    "decode_manifest",
    "parse_as",
    "parse_production",
    "parse_settings",
    "review_page",
    "run_key",
]
