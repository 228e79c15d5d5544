"""All errors that the product raises on purpose, as a tree: who raises it, and what to do.

    StoryboardError
    ├── BadInput                steps: the run's input cannot work
    │   │                       -> correct the input and start a new run
    │   ├── SettingsError       settings: a parameter is outside its bounds
    │   │                       -> set the parameter that the message names
    │   ├── ProductionError     settings: the production file contradicts itself
    │   │                       -> correct the production file
    │   ├── VideoUnreadable     sampling: one video cannot be read; it is quarantined
    │   │                       -> upload a readable version of the video
    │   └── ObjectMissing       gateways: a named bucket, object or queue is not there
    │                           -> create it, or correct its name
    ├── GateClosed              steps: a check before money does not let the run pass
    │                           -> change what the message names, then clear the task
    ├── ReviewRefused           review: a request of the approval page cannot be accepted
    │                           -> the page says what to do; nothing is lost
    ├── AnswerUnusable          steps: the answer of a model or reviewer has an unusable form
    │                           -> read the answer in the log; clear the task to request another
    ├── ManifestCorrupt         gateways: a manifest does not match its digest
    │                           -> clear the task that wrote it
    ├── NotFinished             steps: a job or review did not end before its result was needed
    │                           -> wait for it, or raise the timeout; then clear the task
    ├── JobFailed               steps: a job, human loop or capacity of a service failed
    │   │                       -> read the service's reason; clear the task to pay for a retry
    │   └── JobStopped          steps: a person stopped or deleted it
    │                           -> find out why; clear the task to start it again
    ├── BatchFailed             steps: a batch of calls returned too few results to continue
    │                           -> fix the first reason, then clear the task
    ├── ReleaseFailed           release: a billed resource could not be deleted or stopped
    │                           -> clear the task; otherwise its lease ends it
    ├── StillBilling            release: capacity still bills, although the receipt says otherwise
    │                           -> clear release_throughput
    ├── ReceiptMissing          release: the run has no receipt to confirm
    │                           -> clear release_throughput
    ├── RemovalIncomplete       removal: objects still contain removed material
    │                           -> repeat the removal when no run is writing
    └── ServiceError            gateways: a service refused a call with a code not mapped here
        │                       -> look the code up in the service's API reference
        ├── NotFound            gateways: the resource that a call names does not exist
        │                       -> create it, or correct its name
        ├── ObjectNotFound      gateways: S3 has no object of this key
        │                       -> clear the task that writes it
        ├── Conflict            gateways: the state of a resource does not allow the call
        │   │                   -> look at the resource in the console
        │   ├── NameTaken       gateways: a resource with this name already exists
        │   │                   -> adopt, delete or rename the existing one
        │   └── NotYetDeletable gateways: a resource is in use or still changing
        │                       -> wait until it is idle, then clear the task
        ├── Contended           gateways, steps: another writer was faster
        │                       -> clear the task to work with what is there now
        ├── NotReady            gateways: a model that must run does not run
        │                       -> clear the task that starts it
        ├── NotPermitted        gateways: the credentials lack a right
        │                       -> add the right to the role (include/iam)
        ├── CredentialsExpired  gateways: credentials are missing, wrong or too old
        │                       -> renew them, check the clock, then clear the task
        ├── QuotaExhausted      gateways: a limit of the account is reached
        │                       -> release resources, or request a higher quota
        ├── RequestRefused      gateways: the service does not accept the request's content
        │                       -> compare the request with the service's limits
        ├── DeletionRefused     gateways: S3 did not delete an object
        │                       -> grant the right to delete; look for an object lock
        └── Outage              gateways: a later retry of the call may succeed
            │                   -> clear the task later
            ├── Throttled       gateways: the call rate was too high, even after retries
            │                   -> clear the task when the account is less busy
            ├── ServiceFailed   gateways: the service reported an internal error
            │                   -> look at the service's health page, clear the task later
            └── Unreachable     gateways: no connection, or no answer
                │               -> check network, region and endpoint
                └── BrokenOff   gateways: a response ended before it was complete
                                -> check the network, then clear the task

``gateways.aws.errors`` maps AWS error codes to the subclasses of ServiceError. Code branches on the
class or on ``code``, never on the text of a message. A message names the object, what is allowed,
and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

#: Why a request of the approval page is refused.
Refusal = Literal[
    "busy",  # too many reviewers are saving at once
    "closed",  # the review is finished
    "consent",  # the cost was not accepted, or has changed
    "form",  # the request is malformed
    "open",  # the review is already open
    "origin",  # the request comes from another site
    "repeated",  # this request was saved before
    "running",  # the run is still running
    "stale",  # another reviewer has decided since
    "token",  # the page was loaded by another user, or for another run
    "unknown",  # the review does not have such a picture
]


class StoryboardError(Exception):
    """Root of the tree; the message is written for the person who reads the task log."""


class BadInput(StoryboardError):
    """The input cannot work; retrying with the same input is pointless."""


class SettingsError(BadInput):
    """A parameter of a run is outside its documented bounds."""


class ProductionError(BadInput):
    """The production file (character sheet) is incomplete or contradicts itself."""


class VideoUnreadable(BadInput):
    """One video cannot be opened or contains no decodable picture.

    ``uri`` names the video so that it can be quarantined while the others continue.
    """

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri = uri
        self.reason = reason


class ObjectMissing(BadInput):
    """A named bucket or object does not exist or cannot be read."""


class GateClosed(StoryboardError):
    """A gate before a paid step stays closed."""


class ReviewRefused(StoryboardError):
    """A reviewer's request cannot be accepted; nothing of it was saved.

    ``error`` is the code of the reason, ``facts`` is what the board needs to continue.
    """

    def __init__(self, error: Refusal, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.error = error
        self.facts: dict[str, Any] = facts


class AnswerUnusable(StoryboardError):
    """The answer of a model or a reviewer has a form that cannot be used."""


class ManifestCorrupt(StoryboardError):
    """A manifest's bytes do not match the digest in its reference."""


class NotFinished(StoryboardError):
    """A review, training or data set has not finished, but its result is needed now."""


class JobFailed(StoryboardError):
    """A job, human loop or capacity failed; the message contains the service's reason."""


class JobStopped(JobFailed):
    """A job, human loop or capacity that the run needs was stopped or deleted by a person."""


#: Statuses of a job, human loop, flow definition or capacity without a result.
_BY_STATUS: Mapping[str, type[StoryboardError]] = {
    "": JobStopped,
    "Stopping": JobStopped,
    "Stopped": JobStopped,
    "Deleting": JobStopped,
    "Initializing": NotFinished,
    "Creating": NotFinished,
    "Updating": NotFinished,
    "InProgress": NotFinished,
}


def error_for_status(status: str) -> type[StoryboardError]:
    """Return the error for a job that has no result in this status; "": the job does not exist."""
    return _BY_STATUS.get(status, JobFailed)


class BatchFailed(StoryboardError):
    """A batch of calls returned too few results to continue; the message has the first reason."""


class ReleaseFailed(StoryboardError):
    """Paid resources could not be deleted; the message names each. A retry may succeed."""


class StillBilling(StoryboardError):
    """Services still bill for resources that the receipt reports as released."""


class ReceiptMissing(StoryboardError):
    """The run has not written a receipt, so its release cannot be confirmed."""


class RemovalIncomplete(StoryboardError):
    """Objects still contain removed material, written by a run in the meantime."""


Error = TypeVar("Error", bound="ServiceError")


class ServiceError(StoryboardError):
    """A service refused a call, or did not answer it.

    ``code`` is the service's error code, or the name of botocore's exception when there was no
    response. All three attributes are empty when a step raises the error.
    """

    advice: ClassVar[str] = "Look the code up in the service's API reference."

    def __init__(
        self, message: str, *, service: str = "", operation: str = "", code: str = ""
    ) -> None:
        super().__init__(message)
        self.service = service  # as boto3 names it, e.g. s3
        self.operation = operation  # e.g. GetObject
        self.code = code

    def with_message(self: Error, message: str) -> Error:
        """Return the same error with another message, from a caller with more context."""
        facts = {"service": self.service, "operation": self.operation, "code": self.code}
        return type(self)(message, **facts)


class NotFound(ServiceError):
    """The bucket, queue, model, job or role that a call names does not exist."""

    advice = "Create it, or correct its name."


class ObjectNotFound(ServiceError):
    """S3 has no object with this key; HEAD returns the same code for a bucket."""

    advice = "Clear the task that writes it."


class Conflict(ServiceError):
    """The state of a resource does not allow the call."""

    advice = "Look at the resource in the console."


class NameTaken(Conflict):
    """A resource with this name already exists."""

    advice = "Adopt, delete or rename the existing one."


class NotYetDeletable(Conflict):
    """A resource is in use or still changing, and cannot be deleted or stopped now."""

    advice = "Wait until it is idle, then clear the task."


class Contended(ServiceError):
    """Another writer was faster: a conditional write lost."""

    advice = "Clear the task to work with what is there now."


class NotReady(ServiceError):
    """A model that must run does not run."""

    advice = "Clear the task that starts it."


class NotPermitted(ServiceError):
    """The credentials lack a right."""

    advice = "Add the right to the role (include/iam)."


class CredentialsExpired(ServiceError):
    """Credentials are missing, wrong or too old, or the clock of this machine is off."""

    advice = "Renew the credentials, check the clock, then clear the task."


class QuotaExhausted(ServiceError):
    """A limit of the account is reached."""

    advice = "Release resources, or request a higher quota."


class RequestRefused(ServiceError):
    """The service does not accept the content of the request."""

    advice = "Compare the request with the service's limits."


class DeletionRefused(ServiceError):
    """S3 accepted the call but did not delete an object."""

    advice = "Grant the right to delete; look for an object lock."


class Outage(ServiceError):
    """The service could not serve the call now; a later retry may succeed."""

    advice = "Clear the task later."


class Throttled(Outage):
    """The call rate was too high, even after the client's retries."""

    advice = "Clear the task when the account is less busy."


class ServiceFailed(Outage):
    """The service reported an internal error."""

    advice = "Look at the service's health page, and clear the task later."


class Unreachable(Outage):
    """There was no connection, or no response in time."""

    advice = "Check network, region and endpoint."


class BrokenOff(Unreachable):
    """A response ended before it was complete."""

    advice = "Check the network, then clear the task."
