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
    │   │                       -> read the answer in the log; clear the task to request another
    │   └── AnswerCutOff        gateways: the answer of a model is longer than the request allowed
    │                           -> show the model fewer characters, or choose another model
    ├── ManifestCorrupt         gateways: a manifest does not match its digest
    │                           -> clear the task that wrote it
    ├── NotFinished             steps: a job or review did not end before its result was needed
    │                           -> wait for it, or raise the timeout; then clear the task
    ├── JobFailed               steps: a job, human loop or capacity of a service failed
    │   │                       -> read the service's reason; clear the task to pay for a retry
    │   └── JobStopped          steps: a person stopped or deleted it
    │                           -> find out why; clear the task to start it again
    ├── MachineUnusable         gateways: the studio's own machine cannot be used as configured
    │                           -> correct the deployment file or the machine, then clear the task
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
        │                       -> its ``advice``; so for every class below
        ├── NotFound            gateways: the resource that a call names does not exist
        ├── ObjectNotFound      gateways: S3 has no object of this key
        ├── Conflict            gateways: the state of a resource does not allow the call
        │   ├── NameTaken       gateways: a resource with this name already exists
        │   └── NotYetDeletable gateways: a resource is in use or still changing
        ├── Contended           gateways, steps: another writer was faster
        ├── NotReady            gateways: a model that must run does not run
        ├── ModelNotOffered     gateways: the account or region cannot call a model by this id
        ├── ModelFailed         gateways: a model could not process one request
        ├── KeyUnusable         gateways: an encryption key is disabled, deleted or of another kind
        ├── NotPermitted        gateways: the credentials lack a right
        ├── CredentialsExpired  gateways: credentials are missing, wrong or too old
        ├── QuotaExhausted      gateways: a limit of the account is reached
        ├── RequestRefused      gateways: the service does not accept the request's content
        ├── DeletionRefused     gateways: S3 did not delete an object
        └── Outage              gateways: a later retry of the call may succeed
            ├── Throttled       gateways: the call rate was too high, even after retries
            ├── ServiceFailed   gateways: the service reported an internal error
            └── Unreachable     gateways: no connection, or no answer
                └── BrokenOff   gateways: a response ended before it was complete

``gateways.aws.errors`` maps AWS error codes to the subclasses of ServiceError. Code branches on the
class or on ``code``, never on the text of a message. A message names the object, what is allowed,
and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

if TYPE_CHECKING:
    from storyboard_ops.domain.money.paid_usage import Usage

#: Why a request of the approval page is refused.
Refusal = Literal[
    "busy",  # too many reviewers are saving at once
    "closed",  # the review is finished
    "consent",  # the cost was not accepted, or has changed
    "cut",  # a corrected crop is not possible
    "exists",  # a file would be replaced that nobody agreed to replace
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
    """The answer of a model or a reviewer has a form that cannot be used.

    ``billed``: what a gateway that could not read the answer was billed for it. ``kept``: its
    complete items.
    """

    def __init__(
        self, message: str, billed: tuple[Usage, ...] = (), kept: tuple[Any, ...] = ()
    ) -> None:
        super().__init__(message)
        self.billed = billed
        self.kept = kept


class AnswerCutOff(AnswerUnusable):
    """A model could not finish its answer within the tokens that the request allowed."""


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


class MachineUnusable(StoryboardError):
    """The studio's own machine cannot be reached, or does not answer as configured."""


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

    def __init_subclass__(cls, *, advice: str) -> None:
        cls.advice = advice

    @property
    def fault(self) -> str:
        """What failed, in the service's words: the message without the advice at its end."""
        return str(self).removesuffix(self.advice).rstrip(" .")

    def with_message(self, message: str) -> Self:
        """Return the same error with another message, from a caller with more context."""
        facts = {"service": self.service, "operation": self.operation, "code": self.code}
        return type(self)(message, **facts)


class NotFound(ServiceError, advice="Create it, or correct its name."):
    """The bucket, queue, model, job or role that a call names does not exist."""


class ObjectNotFound(ServiceError, advice="Clear the task that writes it."):
    """S3 has no object with this key; HEAD returns the same code for a bucket."""


class Conflict(ServiceError, advice="Look at the resource in the console."):
    """The state of a resource does not allow the call."""


class NameTaken(Conflict, advice="Adopt, delete or rename the existing one."):
    """A resource with this name already exists."""


class NotYetDeletable(Conflict, advice="Wait until it is idle, then clear the task."):
    """A resource is in use or still changing, and cannot be deleted or stopped now."""


class Contended(ServiceError, advice="Clear the task to work with what is there now."):
    """Another writer was faster: a conditional write lost."""


class NotReady(ServiceError, advice="Clear the task that starts it."):
    """A model that must run does not run."""


class ModelNotOffered(
    ServiceError,
    advice="Enter the id of an inference profile, or another model, and start a new run.",
):
    """The account or the region cannot call a model by the given id."""


class ModelFailed(ServiceError, advice="Clear the task to request it again."):
    """A model could not process one request; other requests may succeed."""


class KeyUnusable(
    ServiceError,
    advice="Enable the KMS key and let the role use it (include/iam), then clear the task.",
):
    """An encryption key is disabled, missing or of another kind, or may not be used."""


class NotPermitted(ServiceError, advice="Add the right to the role (include/iam)."):
    """The credentials lack a right."""


class CredentialsExpired(
    ServiceError, advice="Renew the credentials, check the clock, then clear the task."
):
    """Credentials are missing, wrong or too old, or the clock of this machine is off."""


class QuotaExhausted(
    ServiceError, advice="Wait until it renews, release resources, or request more."
):
    """A limit of the account is reached."""


class RequestRefused(ServiceError, advice="Compare the request with the service's limits."):
    """The service does not accept the content of the request."""


class DeletionRefused(ServiceError, advice="Grant the right to delete; look for an object lock."):
    """S3 accepted the call but did not delete an object."""


class Outage(ServiceError, advice="Clear the task later."):
    """The service could not serve the call now; a later retry may succeed."""


class Throttled(Outage, advice="Clear the task when the account is less busy."):
    """The call rate was too high, even after the client's retries."""


class ServiceFailed(Outage, advice="Look at the service's health page, and clear the task later."):
    """The service reported an internal error."""


class Unreachable(Outage, advice="Check network, region and endpoint."):
    """There was no connection, or no response in time."""


class BrokenOff(Unreachable, advice="Check the network, then clear the task."):
    """A response ended before it was complete."""
