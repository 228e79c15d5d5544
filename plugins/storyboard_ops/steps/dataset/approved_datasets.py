"""Which runs have an approved dataset of a production, and which was last trained on at night."""

from __future__ import annotations

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.retraining_records import ApprovedDataset
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.run.tool_box import ToolBox


def announce_dataset(tools: ToolBox, dataset: TrainingSet) -> ApprovedDataset:
    """Enter this run's approved dataset; entering it again replaces the entry."""
    place = tools.workspace.approved(tools.production.slug) / f"{tools.run_key}.json"
    return _enter(tools, dataset, place)


def enter_training(tools: ToolBox, dataset: TrainingSet) -> ApprovedDataset:
    """Write down, before it is begun, that a training is paid for: no other night does it again.

    Should it fail, clearing its task goes on with it; the next night waits for other pictures.
    """
    return _enter(tools, dataset, tools.workspace.last_training(tools.production.slug))


def last_training(tools: ToolBox, production: str) -> ApprovedDataset | None:
    """The dataset of the last training of a production (its slug) by another run than this."""
    place = tools.workspace.last_training(production)
    if tools.objects.head(place) is None:
        return None
    entry = ApprovedDataset.model_validate_json(tools.objects.get(place))
    return None if entry.run_key == tools.run_key else entry


def approved_datasets(tools: ToolBox, production: str) -> list[ApprovedDataset]:
    """Every entry of a production (its slug), oldest first."""
    found = tools.objects.list(tools.workspace.approved(production) / "")
    entries = [ApprovedDataset.model_validate_json(tools.objects.get(head.uri)) for head in found]
    return sorted(entries, key=lambda entry: (entry.announced_at, entry.run_key))


def _enter(tools: ToolBox, dataset: TrainingSet, place: S3Uri) -> ApprovedDataset:
    entry = ApprovedDataset(
        run_key=tools.run_key,
        production=tools.production.slug,
        dataset=dataset,
        approved=dataset.training + dataset.evaluation,
        announced_at=iso(tools.clock()),
    )
    tools.objects.put(place, canonical_json(entry).encode(), "application/json")
    return entry
