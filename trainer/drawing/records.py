"""The record of a drawn candidate: everything that is needed to draw it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.errors import JobFailed
from trainer.inputs.digests import file_digest
from trainer.inputs.job import BaseModel, DrawingJob, Panel
from trainer.inputs.result import LORA_FILE, MODEL_FILE


@dataclass(frozen=True)
class Asked:
    """What decides how a candidate looks; equal ones are not drawn twice."""

    slot: str
    seed: int
    prompt: str
    width: int
    height: int
    steps: int
    guidance: float
    strength: float
    base: Mapping[str, str]  # id and digest
    model_sha256: str | None  # of what was trained; None: the base model draws alone
    references: Sequence[Mapping[str, str]]  # file and SHA-256

    @property
    def name(self) -> str:
        return f"{self.slot}_seed{self.seed}"


def ask(
    job: DrawingJob,
    panel: Panel,
    seed: int,
    base: Mapping[str, str],
    model: str | None,
    references: Path,
) -> Asked:
    """Return what is asked of one candidate; raises JobFailed when a reference is missing."""
    return Asked(
        slot=panel.slot,
        seed=seed,
        prompt=panel.prompt,
        width=panel.width,
        height=panel.height,
        steps=job.steps,
        guidance=job.guidance,
        strength=panel.strength,
        base=base,
        model_sha256=model if panel.strength else None,
        references=[_reference(references, name) for name in panel.references],
    )


def read_drawn(folder: Path, asked: Asked) -> dict[str, Any] | None:
    """Return the record of a candidate that is there, whole, and answers the same question."""
    try:
        record: dict[str, Any] = json.loads((folder / f"{asked.name}.json").read_text("utf-8"))
        if record["question"] == question_digest(asked) and record["sha256"] == file_digest(
            folder / f"{asked.name}.png"
        ):
            return record
    except (OSError, ValueError, KeyError):
        pass
    return None


def question_digest(asked: Asked) -> str:
    """Return the SHA-256 of what is asked."""
    text = json.dumps(asdict(asked), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def base_facts(base: BaseModel, digest: str) -> dict[str, str]:
    """Return what identifies a base model."""
    return {"id": base.id, "revision": str(base["revision"] or ""), "digest": digest}


def model_digest(folder: Path) -> str | None:
    """Return the digest of what was trained; None when the folder has no model."""
    for name in (LORA_FILE, MODEL_FILE):
        if (folder / name).is_file():
            return file_digest(folder / name)
    return None


def _reference(folder: Path, name: str) -> dict[str, str]:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise JobFailed(f"The reference picture {name} is not in {folder}.")
    return {"file": name, "sha256": file_digest(path)}
