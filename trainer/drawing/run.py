"""A drawing from its folders to the last candidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from trainer.drawing.records import (
    Asked,
    ask,
    base_facts,
    model_digest,
    question_digest,
    read_drawn,
)
from trainer.errors import JobFailed, explain
from trainer.families.base import Embedding, Family, Question
from trainer.families.cut_prompts import find_cut
from trainer.families.registry import find_family
from trainer.inputs.digests import file_digest, weights_digest
from trainer.inputs.job import DrawingJob, Panel, read_drawing_job
from trainer.inputs.versions import package_versions
from trainer.machine.atomic import write_json
from trainer.machine.device import find_device
from trainer.machine.folders import DrawingFolders
from trainer.machine.interruption import Interruption
from trainer.machine.progress import Progress
from trainer.machine.room import check_memory

#: The empty prompt, for guidance.
NOTHING = ""


@dataclass
class Drawing:
    """The candidates of a drawing: those that are there, and the family that draws the others."""

    folders: DrawingFolders
    job: DrawingJob
    family: Family
    base: Mapping[str, str]
    model: str | None  # digest of what was trained
    progress: Progress
    interruption: Interruption
    _prompts: dict[str, Embedding] = field(default_factory=dict)
    #: Whether a network is there to draw with, and the strength of what was trained in it.
    _loaded: bool = False
    _strength: float = 0.0
    _cut: dict[str, int] = field(default_factory=dict)  # tokens left out of prompts

    def run(self) -> list[dict[str, Any]]:
        """Return the record of every candidate by rising strength, drawing those not there.

        The base model draws first, because what was trained is loaded into it. A candidate that
        cannot be drawn is recorded with its reason, and the others go on.
        """
        candidates = [
            (panel, seed)
            for panel in sorted(self.job.panels, key=lambda one: one.strength)
            for seed in panel.seeds
        ]
        if any(self._missing(panel, seed) for panel, seed in candidates):
            self._load()
        self.progress.enter("drawing", len(candidates))
        records = []
        for done, (panel, seed) in enumerate(candidates, 1):
            self.interruption.check()
            self._use(panel.strength)
            records.append(self._candidate(panel, seed))
            self.progress.advance(done, done, done)
        return records

    def _missing(self, panel: Panel, seed: int) -> bool:
        try:
            return read_drawn(self.folders.output, self._ask(panel, seed)) is None
        except JobFailed:
            return False  # it fails again, with its reason, without anything loaded

    def _load(self) -> None:
        """Encode all prompts, then load the network in the place of the encoders."""
        prompts = sorted({NOTHING, *(panel.prompt for panel in self.job.panels)})
        self.family.load_encoders()
        self.progress.enter("caching", len(prompts))
        for done, prompt in enumerate(prompts, 1):
            self.interruption.check()
            self._prompts[prompt] = self.family.encode_prompt(prompt)
            self.progress.advance(done, done, done)
        self._cut = find_cut(self.family, prompts, self.progress)
        self.family.free_encoders()
        self.progress.enter("loading")
        self.family.load_network()
        self._loaded = True

    def _use(self, strength: float) -> None:
        """Load what was trained, at its strength, when the first panel needs it."""
        if not self._loaded or strength == self._strength:
            return
        if self._strength:
            raise JobFailed("The panels of one job are drawn at one strength, or at 0.")
        if self.model is None:
            raise JobFailed(f"{self.folders.model} holds no trained weights to draw with.")
        self.family.load_result(self.folders.model, strength)
        self._strength = strength

    def _candidate(self, panel: Panel, seed: int) -> dict[str, Any]:
        try:
            asked = self._ask(panel, seed)
            return read_drawn(self.folders.output, asked) or self._draw(asked)
        except (JobFailed, ValueError, RuntimeError) as error:
            reason = explain(error)
            return {"slot": panel.slot, "seed": seed, "prompt": panel.prompt, "failure": reason}

    def _draw(self, asked: Asked) -> dict[str, Any]:
        def tick() -> None:
            self.interruption.check()
            self.progress.tick()

        image = self.family.draw(
            Question(
                prompt=self._prompts[asked.prompt],
                nothing=self._prompts[NOTHING],
                width=asked.width,
                height=asked.height,
                seed=asked.seed,
                steps=asked.steps,
                guidance=asked.guidance,
                references=tuple(_open(self.folders.references, asked)),
            ),
            tick,
        )
        path = self.folders.output / f"{asked.name}.png"
        partial = path.with_suffix(".partial")
        image.save(partial, format="PNG")
        partial.replace(path)
        record = {
            **asdict(asked),
            "question": question_digest(asked),
            "cut_tokens": self._cut.get(asked.prompt, 0),
            "file": path.name,
            "sha256": file_digest(path),
            "family": self.job.base.family,
            "scheduler": self.family.scheduler,
            "device": self.family.device.description,
            "versions": package_versions(),
        }
        write_json(path.with_suffix(".json"), record)  # last: the mark of a whole candidate
        return record

    def _ask(self, panel: Panel, seed: int) -> Asked:
        for side, length in (("width", panel.width), ("height", panel.height)):
            if length < self.family.multiple or length % self.family.multiple:
                raise JobFailed(
                    f"The {side} of {panel.slot} is {length} px; {self.job.base.id} draws "
                    f"multiples of {self.family.multiple} px."
                )
        if panel.references and not self.family.takes_references:
            raise JobFailed(f"{self.job.base.id} takes no reference pictures.")
        return ask(self.job, panel, seed, self.base, self.model, self.folders.references)


def draw(root: Path, interruption: Interruption) -> None:
    """Draw as the folders beneath ``root`` say; what is there already is not drawn again.

    Raises JobFailed for whatever people must put right, Interrupted after a SIGTERM.
    """
    folders = DrawingFolders(root)
    progress = Progress(folders.output / "progress.json")
    progress.enter("loading")
    job = read_drawing_job(folders.job)
    device = find_device()
    check_memory(job.base, job.base["drawing_gb"], device.memory_gb, device.description)
    family = find_family(job.base.family)(folders.base, device, job.base.text_tokens)
    digest = weights_digest(folders.base, job.base["digest"], job.base.id)
    records = Drawing(
        folders=folders,
        job=job,
        family=family,
        base=base_facts(job.base, digest),
        model=model_digest(folders.model),
        progress=progress,
        interruption=interruption,
    ).run()
    write_json(folders.output / "drawn.json", records)  # last: the mark of a complete drawing
    progress.enter("done", len(records), len(records))


def _open(folder: Path, asked: Asked) -> Iterator[Image.Image]:
    for reference in asked.references:
        with Image.open(folder / reference["file"]) as image:
            yield image.convert("RGB")
