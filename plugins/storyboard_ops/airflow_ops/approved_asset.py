"""The asset for approved datasets; its events announce new ones."""

from __future__ import annotations

from typing import Any, cast

from airflow.sdk import Asset, get_current_context

from storyboard_ops.domain.training.retraining_records import ApprovedDataset

APPROVED_DATASET = Asset(name="approved_dataset", uri="x-storyboard://approved-dataset")


def describe_event(entry: ApprovedDataset) -> None:
    """Add the dataset's URI and size to the asset event of the running task."""
    context = cast("dict[str, Any]", get_current_context())
    context["outlet_events"][APPROVED_DATASET].extra = {
        "production": entry.production,
        "run": entry.run_key,
        "uri": entry.dataset.training_uri,
        "images": entry.dataset.images.uri,
        "approved": entry.approved,
    }
