"""Detectors that a run has made from its production file, or has found ready."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record

#: States of a Custom Labels model as Rekognition names them (DescribeProjectVersions).
IN_TRAINING = frozenset({"TRAINING_IN_PROGRESS"})
STOPPING = "STOPPING"
UNTRAINED = frozenset({"TRAINING_FAILED"})
BILLING = frozenset({"STARTING", "RUNNING"})
#: A model can be deleted in these states only.
AT_REST = frozenset({"TRAINING_COMPLETED", "TRAINING_FAILED", "STOPPED", "FAILED"})


class UnusableReference(Record):
    """A reference picture that a face collection could not take a face from."""

    character: str
    number: int  # of the character's pictures in the production file, from 1
    reason: str


class FaceCollection(Record):
    """A Rekognition collection with the faces of the reference pictures."""

    name: str
    faces: dict[str, int]  # character id -> faces indexed
    unusable: tuple[UnusableReference, ...] = ()
    mistaken: tuple[UnusableReference, ...] = ()  # the face taken was not the largest: forgotten


class CustomModel(Record):
    """A Custom Labels model that is running and can be asked."""

    project: str
    version: str
    arn: str


#: What a model is waited for to be.
Goal = Literal["trained", "running", "stopped"]


class ModelWait(Record):
    """What a run waits for before its Custom Labels model can be asked."""

    goal: Goal
    project_arn: str
    version: str


class DetectorUser(Record):
    """A run that counts on a detector until its lease is over."""

    run_key: str
    expires_at: str  # ISO 8601
