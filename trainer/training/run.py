"""A training from its folders to its result."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.errors import Interrupted
from trainer.families.base import Family
from trainer.families.registry import find_family
from trainer.inputs.dataset import Dataset, read_dataset
from trainer.inputs.digests import file_digest, weights_digest
from trainer.inputs.job import TrainingJob, read_training_job
from trainer.inputs.reading import read_json
from trainer.inputs.recipe import Recipe, read_recipe
from trainer.inputs.versions import package_versions
from trainer.machine.atomic import write_atomically, write_json
from trainer.machine.device import find_device
from trainer.machine.folders import TrainingFolders
from trainer.machine.interruption import Interruption
from trainer.machine.progress import Progress
from trainer.machine.room import check_disk, check_memory
from trainer.scoring.embedders import load_embedder
from trainer.training.cache import Cache, fill_cache, without_names
from trainer.training.checkpoints import Checkpoint, Checkpoints
from trainer.training.result import curve_points, metadata, model_card
from trainer.training.sample_plan import Sample, plan_samples
from trainer.training.samples import draw_samples
from trainer.training.scores import Judge, choose, make_judge
from trainer.training.steps import Steps


@dataclass
class Training:
    """One training, with everything that its parts need of each other."""

    folders: TrainingFolders
    job: TrainingJob
    recipe: Recipe
    dataset: Dataset
    family: Family
    cache: Cache
    judge: Judge
    samples: list[Sample]
    steps: Steps
    checkpoints: Checkpoints
    progress: Progress
    interruption: Interruption
    digests: Mapping[str, str | None]  # of the weights of base model and embedder

    def run(self) -> None:
        """Take the steps that are left, score every checkpoint, and write the result."""
        if state := self.checkpoints.newest():
            self.steps.restore(state)
        else:
            self._save()  # step 0: what the base model draws
        while self.steps.step < self.recipe.steps:
            self._score_checkpoints()
            self._train_to_checkpoint()
            self._save()
        self._score_checkpoints()
        self._write_result()

    def _train_to_checkpoint(self) -> None:
        """Take steps until the next checkpoint; after SIGTERM save one and raise Interrupted."""
        self.progress.enter("training", self.recipe.steps, self.steps.step)
        first, began = self.steps.step, time.monotonic()
        while True:
            loss = self.steps.advance()
            done = self.steps.step - first
            self.progress.advance(self.steps.step, done, done * self.recipe.pictures_per_step, loss)
            if self.recipe.is_checkpoint(self.steps.step) or self.interruption.requested:
                break
        self.steps.seconds += time.monotonic() - began
        if self.interruption.requested:
            self._save()
            raise Interrupted

    def _save(self) -> None:
        self.checkpoints.save(self.steps.state(), self.steps.weights())
        self.checkpoints.drop_others(self._kept() | {self.steps.step})

    def _kept(self) -> set[int]:
        return {s for s in range(self.steps.step + 1) if s == 0 or self.recipe.is_checkpoint(s)}

    def _score_checkpoints(self) -> None:
        """Score the checkpoints that have no score: the last one, and where one was lost."""
        kept = self._kept()
        for checkpoint in self.checkpoints.all():
            if checkpoint.step in kept:
                score = checkpoint.score or self._score(checkpoint)
                self.progress.scored(checkpoint.step, _interval(score))

    def _score(self, checkpoint: Checkpoint) -> dict[str, Any]:
        self.progress.enter("sampling", len(self.samples))

        def tick() -> None:
            self.interruption.check()
            self.progress.tick()

        with self.steps.drawing_with(checkpoint.weights()):
            pictures = draw_samples(
                self.family,
                self.samples,
                checkpoint.samples,
                self.job.base,
                self.cache,
                tick,
                lambda done: self.progress.advance(done, done, done),
            )
        score = {"step": checkpoint.step, **self.judge.score(self.samples, pictures)}
        checkpoint.write_score(score)
        self.progress.log(f"checkpoint step={checkpoint.step} likeness={score['likeness']}")
        return score

    def _write_result(self) -> None:
        self.progress.enter("saving", self.recipe.steps, self.recipe.steps)
        scores = {c.step: score for c in self.checkpoints.all() if (score := c.score)}
        trained = {step: score for step, score in scores.items() if step > 0}
        step, because = choose(trained, self.judge.fault)
        model = self.folders.model
        main = self.family.write_result(
            self.checkpoints.at(step).weights(), model, metadata(self.job, self.recipe, step)
        )
        for checkpoint in self.checkpoints.all():
            if checkpoint.samples.is_dir():
                target = model / "samples" / checkpoint.folder.name
                shutil.copytree(checkpoint.samples, target, dirs_exist_ok=True)
        record = self._record(scores, step, because) | {
            "weights": main.name,
            "weights_sha256": file_digest(main),
        }
        card = model_card(self.job, self.recipe, record)
        write_atomically(model / "README.md", card.encode())
        write_json(model / "training.json", record)  # last: the mark of a complete result
        self.progress.enter("done", self.recipe.steps, self.recipe.steps)

    def _record(
        self, scores: Mapping[int, Mapping[str, Any]], step: int, because: str
    ) -> dict[str, Any]:
        return {
            "run_key": self.job.run_key,
            "production": self.job.production,
            "cast": dict(self.job.cast),
            "base": dict(self.job.base.entry),
            "base_digest": self.digests["base"],
            "embedder": asdict(self.job.embedder) | {"digest": self.digests["embedder"]},
            "dataset_sha256": self.job.dataset_sha256,
            "training_pictures": len(self.dataset.training),
            "held_out_pictures": len(self.dataset.held_out),
            "cut_captions": sum(p.caption in self.cache.cut for p in self.dataset.training),
            "recipe": asdict(self.recipe),
            "images_seen": self.steps.step * self.recipe.pictures_per_step,
            "curve": curve_points(self.steps.curve),
            "checkpoints": [{"step": s, **_interval(score)} for s, score in scores.items()],
            "scores": list(scores.values()),
            "chosen_step": step,
            "chosen_because": because,
            "wrong_names": scores[step].get("wrong_names"),
            "samples": [asdict(sample) | {"file": sample.file} for sample in self.samples],
            "optimizer": self.steps.optimizer_name,
            "device": self.family.device.description,
            "versions": package_versions(),
            "seconds": round(self.steps.seconds, 1),
        }


def train(root: Path, interruption: Interruption) -> None:
    """Train as the folders beneath ``root`` say, going on from a checkpoint where there is one.

    Raises JobFailed for whatever people must put right, Interrupted after a SIGTERM.
    """
    folders = TrainingFolders(root)
    progress = Progress(folders.checkpoints / "progress.json")
    progress.enter("loading")
    recipe = read_recipe(read_json(folders.hyperparameters))
    job = read_training_job(folders.job)
    dataset = read_dataset(folders.dataset, job.cast)
    device = find_device()
    check_memory(job.base, job.base["training_gb"], device.memory_gb, device.description)
    family = find_family(job.base.family)(folders.base, device, job.base.text_tokens)
    base_digest = weights_digest(folders.base, job.base["digest"], job.base.id)
    embedder, embedder_digest = load_embedder(job.embedder, folders.embedder)
    samples = plan_samples(
        dataset,
        job.cast,
        recipe.samples_per_character,
        recipe.resolution,
        family.multiple,
        recipe.seed,
    )
    prior = _prior_captions(recipe, job, dataset)
    prompts = {*(p.caption for p in dataset.training), *prior, *(s.prompt for s in samples)}
    cache = fill_cache(family, dataset.training, prompts, recipe.resolution, progress, interruption)
    judge = make_judge(embedder, dataset, job.cast)
    interruption.check()
    progress.enter("loading")
    family.load_network()
    family.start_training(recipe)
    check_disk(folders.checkpoints, _bytes_needed(family, recipe), "The checkpoints")
    question = {
        "recipe": asdict(recipe),
        "dataset_sha256": job.dataset_sha256,
        "base": {"id": job.base.id, "digest": base_digest},
    }
    Training(
        folders=folders,
        job=job,
        recipe=recipe,
        dataset=dataset,
        family=family,
        cache=cache,
        judge=judge,
        samples=samples,
        steps=Steps(family, recipe, dataset.training, cache, prior),
        checkpoints=Checkpoints(folders.checkpoints, json.loads(json.dumps(question))),
        progress=progress,
        interruption=interruption,
        digests={"base": base_digest, "embedder": embedder_digest},
    ).run()


def _prior_captions(recipe: Recipe, job: TrainingJob, dataset: Dataset) -> list[str]:
    if not recipe.prior_preservation:
        return []
    return [without_names(p.caption, job.cast.values()) for p in dataset.training]


def _bytes_needed(family: Family, recipe: Recipe) -> int:
    """Return what the checkpoints take: weights each; two also have an optimizer's two states."""
    weights: int = sum(p.numel() * p.element_size() for p in family.trained().values())
    return weights * (recipe.steps // recipe.checkpoint_every + 2 + 2 * 3)


def _interval(score: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: score[name] for name in ("likeness", "low", "high")}
