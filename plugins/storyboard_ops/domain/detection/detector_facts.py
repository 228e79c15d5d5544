"""Records of detectors that a run trained from its production file, or found ready."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record

#: States of a Custom Labels model, as named by Rekognition (DescribeProjectVersions).
IN_TRAINING = frozenset({"TRAINING_IN_PROGRESS"})
STOPPING = "STOPPING"
UNTRAINED = frozenset({"TRAINING_FAILED"})
BILLING = frozenset({"STARTING", "RUNNING"})
#: The only states in which a model can be deleted.
AT_REST = frozenset({"TRAINING_COMPLETED", "TRAINING_FAILED", "STOPPED", "FAILED"})


class UnusableReference(Record):
    """A reference picture from which no face could be indexed."""

    character: str
    number: int  # of the character's pictures in the production file, from 1
    reason: str


class FaceCollection(Record):
    """A Rekognition collection with the faces of the reference pictures."""

    name: str
    faces: dict[str, int]  # character id -> faces indexed
    unusable: tuple[UnusableReference, ...] = ()
    mistaken: tuple[UnusableReference, ...] = ()  # not the largest face was indexed; deleted again


class CustomModel(Record):
    """A Custom Labels model that is running and can detect."""

    project: str
    version: str
    arn: str


#: What a model is waited for to be.
Goal = Literal["trained", "running", "stopped"]


class ModelWait(Record):
    """State of a Custom Labels model that a run waits for."""

    goal: Goal
    project_arn: str
    version: str


class DetectorOrigin(Record):
    """Identity of a detector that a run of the workspace made."""

    arn: str
    created_at: str  # ISO 8601, as the service reports it


class DetectorUser(Record):
    """A run that uses a detector until its lease expires."""

    run_key: str
    expires_at: str  # ISO 8601
