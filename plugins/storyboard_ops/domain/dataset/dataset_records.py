"""Record of an approved dataset in the trainers' format."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.manifest_codec import ManifestRef


class TrainingSet(Record):
    """The approved dataset of a run."""

    images: ManifestRef  # kind "images": every picture in its last state
    training_uri: str  # JSON Lines of {"image-ref", "caption"}
    training_sha256: str
    training: int  # records in it
    evaluation: int  # approved pictures held out of training
