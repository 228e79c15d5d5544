"""Which runs have an approved dataset of a production: entered by them, read by later runs."""

from __future__ import annotations

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset_records import TrainingSet
from storyboard_ops.domain.retraining_records import ApprovedDataset
from storyboard_ops.steps.paid_claims import now
from storyboard_ops.steps.tool_box import ToolBox


def announce_dataset(tools: ToolBox, dataset: TrainingSet) -> ApprovedDataset:
    """Enter this run's approved dataset; entering it again replaces the entry."""
    entry = ApprovedDataset(
        run_key=tools.run_key,
        production=tools.production.slug,
        dataset=dataset,
        approved=dataset.training + dataset.evaluation,
        announced_at=now(),
    )
    uri = tools.workspace.approved(entry.production) / f"{tools.run_key}.json"
    tools.objects.put(uri, canonical_json(entry).encode(), "application/json")
    return entry


def approved_datasets(tools: ToolBox, production: str) -> list[ApprovedDataset]:
    """Every entry of a production (its slug), oldest first."""
    found = tools.objects.list(tools.workspace.approved(production) / "")
    entries = [ApprovedDataset.model_validate_json(tools.objects.get(head.uri)) for head in found]
    return sorted(entries, key=lambda entry: (entry.announced_at, entry.run_key))
