"""Documented facts about fine-tuning base models, with a date; see ``include/models``."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record


class TuningFacts(Record):
    """Facts about one base model."""

    end_of_life: str  # ISO 8601 date
    source: str
    hyperparameters: dict[str, tuple[float, float]]  # name in the API -> (least, most)


class TuningTable(Record):
    """Facts about all base models on one day."""

    collected: str  # ISO 8601 date
    models: dict[str, TuningFacts]  # by model id
