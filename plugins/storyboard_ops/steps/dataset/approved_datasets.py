"""Record approved datasets of a production, and the one last trained on by a nightly run."""

from __future__ import annotations

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.retraining_records import ApprovedDataset
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.run.tool_box import ToolBox


def announce_dataset(tools: ToolBox, dataset: TrainingSet) -> ApprovedDataset:
    """Record this run's approved dataset; recording it again replaces the entry."""
    place = tools.workspace.approved(tools.production.slug) / f"{tools.run_key}.json"
    return _write_entry(tools, dataset, place)


def record_training(tools: ToolBox, dataset: TrainingSet) -> ApprovedDataset:
    """Record a training before it starts, so that no other nightly run pays for it again.

    If it fails, clearing its task continues it; the next nightly run waits for other pictures.
    """
    return _write_entry(tools, dataset, tools.workspace.last_training(tools.production.slug))


def last_training(tools: ToolBox, production: str) -> ApprovedDataset | None:
    """Return the dataset that a production (its slug) was last trained on by another run."""
    place = tools.workspace.last_training(production)
    if tools.objects.head(place) is None:
        return None
    entry = tools.objects.record(place, ApprovedDataset)
    return None if entry.run_key == tools.run_key else entry


def approved_datasets(tools: ToolBox, production: str) -> list[ApprovedDataset]:
    """Read the approved datasets of a production (its slug), oldest first."""
    found = tools.objects.list(tools.workspace.approved(production) / "")
    entries = [tools.objects.record(head.uri, ApprovedDataset) for head in found]
    return sorted(entries, key=lambda entry: (entry.announced_at, entry.run_key))


def _write_entry(tools: ToolBox, dataset: TrainingSet, place: S3Uri) -> ApprovedDataset:
    entry = ApprovedDataset(
        run_key=tools.run_key,
        production=tools.production.slug,
        dataset=dataset,
        approved=dataset.training + dataset.evaluation,
        announced_at=iso(tools.clock()),
    )
    tools.objects.put(place, canonical_json(entry).encode(), "application/json")
    return entry
