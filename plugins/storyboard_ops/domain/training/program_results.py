"""Records of what the training program writes: its progress, a trained model, drawn candidates.

The program adds fields of its own, which are ignored here.
"""

from __future__ import annotations

from pydantic import ConfigDict

from storyboard_ops.domain.base_record import Record


class ProgramRecord(Record):
    """Base of the records; unknown fields are ignored, because the program has a version too."""

    model_config = ConfigDict(extra="ignore")


class Checkpoint(ProgramRecord):
    """A checkpoint with the likeness of its samples to held-out pictures."""

    step: int
    likeness: float | None = None  # None: not measured
    low: float | None = None  # of the 95 % interval
    high: float | None = None


class Progress(ProgramRecord):
    """``progress.json``: how far a job is."""

    phase: str
    step: int = 0
    steps: int = 0
    loss: float | None = None
    pictures_per_second: float | None = None
    seconds_left: float | None = None
    checkpoints: tuple[Checkpoint, ...] = ()

    def sentence(self, usd: float | None = None) -> str:
        """Word the progress as one line; ``usd`` is the cost so far, None where it is unknown."""
        parts = [
            f"{self.phase}, step {self.step:,} of {self.steps:,}" if self.steps else self.phase
        ]
        if self.loss is not None:
            parts.append(f"loss {self.loss:.4f}")
        if self.pictures_per_second:
            parts.append(f"{self.pictures_per_second:.2f} pictures/s")
        if self.seconds_left is not None:
            minutes, seconds = divmod(round(self.seconds_left), 60)
            parts.append(f"{minutes:,}:{seconds:02d} left")
        if self.checkpoints and (likeness := self.checkpoints[-1].likeness) is not None:
            parts.append(f"likeness {likeness:.3f} at step {self.checkpoints[-1].step:,}")
        if usd is not None:
            parts.append(f"about {usd:.2f} USD so far")
        return ", ".join(parts)


class BaseFacts(ProgramRecord):
    """The base model, as far as it must be known to draw with what was trained on it."""

    id: str


class LossPoint(ProgramRecord):
    """The mean loss of the steps up to one."""

    step: int
    loss: float


class SamplePicture(ProgramRecord):
    """A picture that was drawn at every checkpoint."""

    character: str
    file: str  # in the folder of each checkpoint's samples


class UsedRecipe(ProgramRecord):
    """The hyperparameters that people read."""

    steps: int
    batch_size: int = 1
    accumulate: int = 1  # batches per step
    learning_rate: float | None = None


class TrainingFacts(ProgramRecord):
    """``training.json``: the trained model, and how it came about."""

    base: BaseFacts
    chosen_step: int
    chosen_because: str = ""
    images_seen: int = 0
    checkpoints: tuple[Checkpoint, ...] = ()
    recipe: UsedRecipe | None = None
    training_pictures: int | None = None
    held_out_pictures: int | None = None
    cut_captions: int = 0  # training captions that are longer than the base model reads
    curve: tuple[LossPoint, ...] = ()
    #: Of each character, how many samples at the chosen step look like whom; "": not found.
    wrong_names: dict[str, dict[str, int]] | None = None
    samples: tuple[SamplePicture, ...] = ()
    seconds: float | None = None  # of training
    device: str = ""

    @property
    def likeness(self) -> float | None:
        """Likeness at the chosen step; None when it was not measured."""
        measured = {one.step: one.likeness for one in self.checkpoints}
        return measured.get(self.chosen_step)


class DrawnCandidate(ProgramRecord):
    """One record of ``drawn.json``: a picture of a panel, or why it could not be drawn."""

    slot: str
    seed: int
    file: str = ""
    sha256: str = ""
    failure: str = ""
    cut_tokens: int = 0  # of the end of its prompt, which the model did not read
