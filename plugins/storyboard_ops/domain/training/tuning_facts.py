"""What is documented of fine-tuning a base model: data with a date, see ``include/models``."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record


class TuningFacts(Record):
    """One base model."""

    end_of_life: str  # ISO 8601 date
    source: str
    hyperparameters: dict[str, tuple[float, float]]  # name in the API: least and most


class TuningTable(Record):
    """All base models, as read on one day."""

    collected: str  # ISO 8601 date
    models: dict[str, TuningFacts]  # by model id
