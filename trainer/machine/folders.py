"""The folders of a job, as Amazon SageMaker lays them out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


def root() -> Path:
    """Return the folder beneath which a job finds everything: ``ML_ROOT``, or /opt/ml."""
    return Path(os.environ.get("ML_ROOT", "/opt/ml"))


@dataclass(frozen=True)
class TrainingFolders:
    """Where a training reads and writes."""

    root: Path

    @property
    def hyperparameters(self) -> Path:
        return self.root / "input/config/hyperparameters.json"

    @property
    def job(self) -> Path:
        return self.root / "input/data/job/job.json"

    @property
    def dataset(self) -> Path:
        return self.root / "input/data/dataset"

    @property
    def base(self) -> Path:
        return self.root / "input/data/base"

    @property
    def embedder(self) -> Path:
        return self.root / "input/data/embedder"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def model(self) -> Path:
        return self.root / "model"


@dataclass(frozen=True)
class DrawingFolders:
    """Where a drawing reads and writes."""

    root: Path

    @property
    def job(self) -> Path:
        return self.root / "processing/input/job/job.json"

    @property
    def base(self) -> Path:
        return self.root / "processing/input/base"

    @property
    def model(self) -> Path:
        return self.root / "processing/input/model"

    @property
    def references(self) -> Path:
        return self.root / "processing/input/references"

    @property
    def output(self) -> Path:
        return self.root / "processing/output"
