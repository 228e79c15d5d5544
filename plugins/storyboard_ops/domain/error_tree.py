"""Every error the product raises on purpose, as one tree: who raises it, and what a person does.

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
    ├── AnswerUnusable          steps: a model or a reviewer answered in an unusable form
    │                           -> read the answer in the log; clear the task to ask again
    ├── ManifestCorrupt         gateways: a manifest does not match its digest
    │                           -> clear the task that wrote it
    ├── NotFinished             steps: something did not end before its result was needed
    │                           -> wait for it, or raise the timeout; then clear the task
    ├── JobFailed               steps: a job, human loop or capacity of a service failed
    │   │                       -> read the service's reason; clear the task to pay for a new try
    │   └── JobStopped          steps: somebody stopped or deleted it
    │                           -> ask who did; clear the task to start it anew
    ├── BatchFailed             steps: a batch of calls brought too few results to go on
    │                           -> remove the first reason, then clear the task
    ├── ReleaseFailed           release: something that bills could not be deleted or stopped
    │                           -> clear the task; its lease ends it otherwise
    ├── StillBilling            release: capacity still bills though the receipt says otherwise
    │                           -> clear release_throughput
    ├── ReceiptMissing          release: the run has no receipt to confirm
    │                           -> clear release_throughput
    ├── RemovalIncomplete       removal: objects still hold removed material
    │                           -> repeat the removal when no run is writing
    └── ServiceError            gateways: a service refused a call with a code not mapped here
        │                       -> look the code up in the service's API reference
        ├── NotFound            gateways: the resource that a call names does not exist
        │                       -> create it, or correct its name
        ├── ObjectNotFound      gateways: S3 has no object of this key
        │                       -> clear the task that writes it
        ├── Conflict            gateways: the state of a resource does not allow the call
        │   │                   -> look at the resource in the console
        │   ├── NameTaken       gateways: a resource of this name exists already
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
        │                       -> release something, or ask for a higher quota
        ├── RequestRefused      gateways: the service does not accept the request's content
        │                       -> compare the request with the service's limits
        ├── DeletionRefused     gateways: S3 does not delete an object
        │                       -> grant the right to delete; look for an object lock
        └── Outage              gateways: repeating the call later may help
            │                   -> clear the task later
            ├── Throttled       gateways: calls came too fast, also after the retries
            │                   -> clear the task when the account is less busy
            ├── ServiceFailed   gateways: the service reported an error of its own
            │                   -> look at the service's health page, clear the task later
            └── Unreachable     gateways: no connection, or no answer
                │               -> check network, region and endpoint
                └── BrokenOff   gateways: an answer ended before it was complete
                                -> check the network, then clear the task

``gateways.aws.errors`` maps the codes of AWS to the classes below ServiceError. Code branches on
the class or on ``code``, never on the text of a message. A message names the object, what is
allowed, and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

#: Why a request of the approval page is refused.
Refusal = Literal[
    "busy",  # too many reviewers save at this moment
    "closed",  # the review is finished
    "consent",  # the cost was not agreed to, or has changed
    "form",  # the request does not have the form of one
    "open",  # the review is open already
    "origin",  # the request comes from another site
    "repeated",  # this was saved before
    "running",  # the run has not ended
    "stale",  # somebody else has decided since
    "token",  # the page was loaded by somebody else, or for another run
    "unknown",  # the review does not have such a picture
]


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
    """A reviewer's request cannot be accepted as it is; nothing of it was saved.

    ``error`` is the code of the reason, ``facts`` what the board needs to go on.
    """

    def __init__(self, error: Refusal, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.error = error
        self.facts: dict[str, Any] = facts


class AnswerUnusable(StoryboardError):
    """A model or a reviewer answered in a form that cannot be used."""


class ManifestCorrupt(StoryboardError):
    """A manifest's bytes do not match the digest that its reference carries."""


class NotFinished(StoryboardError):
    """A review, a training or a data set has not ended, and its result is needed now."""


class JobFailed(StoryboardError):
    """A job, a human loop or capacity failed; the service's reason is in the message."""


class JobStopped(JobFailed):
    """Somebody stopped or deleted a job, a human loop or capacity that the run needs."""


#: What a service calls a job, a human loop, a flow definition or capacity that has no result.
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


def error_of_job(status: str) -> type[StoryboardError]:
    """The error of what ended, or has not ended, in a status; "" says that it does not exist."""
    return _BY_STATUS.get(status, JobFailed)


class BatchFailed(StoryboardError):
    """A batch of calls brought too few results to go on; the message has the first reason."""


class ReleaseFailed(StoryboardError):
    """Paid resources could not be deleted; the message names each. Worth another try."""


class StillBilling(StoryboardError):
    """The services still bill for what the receipt calls released."""


class ReceiptMissing(StoryboardError):
    """The run has not written a receipt, so nothing can be confirmed."""


class RemovalIncomplete(StoryboardError):
    """Objects still hold material that was removed; a run wrote them meanwhile."""


Error = TypeVar("Error", bound="ServiceError")


class ServiceError(StoryboardError):
    """A service refused a call, or did not answer it.

    ``code`` is the service's error code, or the name of botocore's exception where no answer came.
    All three attributes are empty where a step raises the error.
    """

    advice: ClassVar[str] = "Look the code up in the service's API reference."

    def __init__(
        self, message: str, *, service: str = "", operation: str = "", code: str = ""
    ) -> None:
        super().__init__(message)
        self.service = service  # as boto3 names it, e.g. s3
        self.operation = operation  # e.g. GetObject
        self.code = code

    def reworded(self: Error, message: str) -> Error:
        """The same error with a message of a caller that knows more."""
        facts = {"service": self.service, "operation": self.operation, "code": self.code}
        return type(self)(message, **facts)


class NotFound(ServiceError):
    """The bucket, queue, model, job or role that a call names does not exist."""

    advice = "Create it, or correct its name."


class ObjectNotFound(ServiceError):
    """S3 has no object of this key; HEAD says the same of a bucket."""

    advice = "Clear the task that writes it."


class Conflict(ServiceError):
    """The state of a resource does not allow the call."""

    advice = "Look at the resource in the console."


class NameTaken(Conflict):
    """A resource of this name exists already."""

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

    advice = "Release something, or ask for a higher quota."


class RequestRefused(ServiceError):
    """The service does not accept the content of the request."""

    advice = "Compare the request with the service's limits."


class DeletionRefused(ServiceError):
    """S3 does not delete an object, though it accepted the call."""

    advice = "Grant the right to delete; look for an object lock."


class Outage(ServiceError):
    """The service could not serve the call now; repeating it later may help."""

    advice = "Clear the task later."


class Throttled(Outage):
    """Calls came too fast, also after the client's retries."""

    advice = "Clear the task when the account is less busy."


class ServiceFailed(Outage):
    """The service reported an error of its own."""

    advice = "Look at the service's health page, and clear the task later."


class Unreachable(Outage):
    """No connection, or no answer in time."""

    advice = "Check network, region and endpoint."


class BrokenOff(Unreachable):
    """An answer ended before it was complete."""

    advice = "Check the network, then clear the task."
