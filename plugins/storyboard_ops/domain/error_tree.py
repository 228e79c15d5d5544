"""Every error the product raises on purpose, as one tree.

    StoryboardError
    ├── BadInput              the caller can mend it: settings, production file, a video, a bucket
    │   ├── SettingsError     a parameter is out of its bounds
    │   ├── ProductionError   the production file does not hold together
    │   ├── VideoUnreadable   one video cannot be sampled; it is quarantined and the others go on
    │   └── ObjectMissing     an S3 object or bucket that was named does not exist
    ├── GateClosed            a check before money said no: life cycle, budget, too few pictures
    ├── ReviewRefused         a reviewer's save cannot be taken as it is: stale, repeated, closed
    ├── RemoteFailure         a service ended a job, a loop or a throughput in a failed state
    ├── ReleaseFailed         something that bills could not be given back; trying again helps
    ├── AnswerUnusable        a model's answer could not be understood, after asking once more
    └── ManifestCorrupt       a manifest does not match its digest: half-written or altered

A message names the thing, the allowed range, and what to do next. Code branches on the class
(or on the AWS error code), never on the text.
"""

from __future__ import annotations

from typing import Any


class StoryboardError(Exception):
    """Root of the tree; the message is written for the person who reads the task log."""


class BadInput(StoryboardError):
    """The caller gave something that cannot work; retrying the same input is pointless."""


class SettingsError(BadInput):
    """A run parameter is outside its documented bounds."""


class ProductionError(BadInput):
    """The production file (character sheet) is incomplete or contradicts itself."""


class VideoUnreadable(BadInput):
    """One video cannot be opened or holds no decodable picture.

    ``uri`` names the video so that it can be quarantined while the others go on.
    """

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri = uri
        self.reason = reason


class ObjectMissing(BadInput):
    """A bucket or an object that was named does not exist, or may not be read."""


class GateClosed(StoryboardError):
    """A gate before a paid step refused to open."""


class ReviewRefused(StoryboardError):
    """What a reviewer sent cannot be taken as it is; nothing of it was saved.

    ``error`` is the machine's word for why, ``facts`` what the board needs to go on.
    """

    def __init__(self, error: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.error = error
        self.facts: dict[str, Any] = facts


class RemoteFailure(StoryboardError):
    """A remote job ended in a failed or stopped state; the service's reason is in the message."""


class ReleaseFailed(StoryboardError):
    """Paid resources could not be deleted; the message names each. Worth another try."""


class AnswerUnusable(StoryboardError):
    """A model answered twice with something that does not fit the asked-for form."""


class ManifestCorrupt(StoryboardError):
    """A manifest's bytes do not match the digest that its reference carries."""
