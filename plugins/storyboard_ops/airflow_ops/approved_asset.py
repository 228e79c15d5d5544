"""The asset that stands for approved datasets: whose event tells that there is a new one."""

from __future__ import annotations

from typing import Any, cast

from airflow.sdk import Asset, get_current_context

from storyboard_ops.domain.training.retraining_records import ApprovedDataset

APPROVED_DATASET = Asset(name="approved_dataset", uri="x-storyboard://approved-dataset")


def tell_approved(entry: ApprovedDataset) -> None:
    """Put the dataset's address and size on the event that the running task emits."""
    context = cast("dict[str, Any]", get_current_context())
    context["outlet_events"][APPROVED_DATASET].extra = {
        "production": entry.production,
        "run": entry.run_key,
        "uri": entry.dataset.training_uri,
        "images": entry.dataset.images.uri,
        "approved": entry.approved,
    }
