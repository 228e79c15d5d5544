"""Stores the pictures and captions of customization jobs beyond their training.

The pictures are in a private folder per job, each under its content hash; a state document lists
them with their captions. Deleting or changing the data set in S3 does not affect them.
"""

import hashlib
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from local_aws.operations.context import Context
from local_aws.storage.state_store import StateStore

if TYPE_CHECKING:
    from local_aws.services.bedrock.training_data import TrainingRecord

TRAINING_SET = "bedrock-training-set"
FOLDER = "trained_models"


@dataclass(frozen=True)
class TrainingExample:
    """One picture a model was trained on.

    `image_bytes_loader` reads the encoded picture (PNG or JPEG); `image_ref` is the S3 URI that
    the picture had when it was trained on.
    """

    image_bytes_loader: Callable[[], bytes]
    caption: str
    image_ref: str


def keep(context: Context, job_arn: str, records: "Iterable[TrainingRecord]") -> int:
    """Store the records of a job and return their number.

    If reading `records` raises, nothing is stored and the error propagates.
    """
    folder = _find_folder(context, job_arn)
    folder.mkdir(parents=True)
    try:
        rows = [_store_picture(folder, record) for record in records]
    except BaseException:
        shutil.rmtree(folder)
        raise
    context.state.put(TRAINING_SET, job_arn, {"job_arn": job_arn, "examples": rows})
    return len(rows)


def examples(context: Context, job_arn: str) -> list[TrainingExample]:
    """Return the stored examples of a job in manifest order; KeyError if there are none."""
    kept = context.state.get(TRAINING_SET, job_arn)
    if kept is None:
        raise KeyError(f"no training set is stored for {job_arn}")
    folder = _find_folder(context, job_arn)
    return [
        TrainingExample(
            partial(Path.read_bytes, folder / row["sha256"]), row["caption"], row["image_ref"]
        )
        for row in kept["examples"]
    ]


def forget(context: Context, job_arn: str) -> None:
    """Remove the stored examples of a job, if there are any."""
    context.state.delete(TRAINING_SET, job_arn)
    shutil.rmtree(_find_folder(context, job_arn), ignore_errors=True)


def sweep(data_dir: Path, state: StateStore, job_arns: Collection[str]) -> None:
    """Remove the examples that a killed process left: those of jobs not in `job_arns`."""
    kept = {row["job_arn"] for row in state.list(TRAINING_SET)}
    for job_arn in kept.difference(job_arns):
        state.delete(TRAINING_SET, job_arn)
    names = {job_arn.rpartition("/")[2] for job_arn in kept.intersection(job_arns)}
    for folder in (data_dir / FOLDER).glob("*"):
        if folder.name not in names:
            shutil.rmtree(folder)


def _store_picture(folder: Path, record: "TrainingRecord") -> dict[str, str]:
    digest = hashlib.sha256(record.picture).hexdigest()
    (folder / digest).write_bytes(record.picture)
    return {"sha256": digest, "caption": record.caption, "image_ref": record.image_ref}


def _find_folder(context: Context, job_arn: str) -> Path:
    return context.settings.data_dir / FOLDER / job_arn.rpartition("/")[2]
