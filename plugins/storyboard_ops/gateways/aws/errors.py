"""Translate errors of botocore to errors of the domain, in this place only and by one table.

Gateways wrap their clients in ``translated``, so that every call, page and body raises classes of
``domain.error_tree``; async code puts ``translating`` around the await.

Sources: S3, "Error responses"; "Common errors" and the errors of each operation in the API
references of Bedrock, Rekognition, SageMaker, A2I, SQS, IAM, STS, KMS and Service Quotas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError

from storyboard_ops.domain.error_tree import (
    BrokenOff,
    Conflict,
    Contended,
    CredentialsExpired,
    KeyUnusable,
    ModelFailed,
    ModelNotOffered,
    NameTaken,
    NotFound,
    NotPermitted,
    NotReady,
    NotYetDeletable,
    ObjectNotFound,
    QuotaExhausted,
    RequestRefused,
    ServiceError,
    ServiceFailed,
    Throttled,
    Unreachable,
)

Client = TypeVar("Client")

#: The codes of each class. HEAD has no body, so boto3 reports the bare status as the code. When no
#: answer came, the code is the name of botocore's exception or of one of its base classes.
CODES: Mapping[type[ServiceError], tuple[str, ...]] = {
    NotFound: (
        "ResourceNotFoundException",
        "ResourceNotFound",
        "NotFoundException",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchResourceException",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
    ),
    ObjectNotFound: ("NoSuchKey", "NoSuchVersion", "NotFound", "404"),
    # The operation decides which conflict it is, see CONFLICTS.
    Conflict: ("ConflictException", "ResourceInUseException", "ResourceInUse"),
    NameTaken: ("ResourceAlreadyExistsException",),
    Contended: (
        "PreconditionFailed",
        "ConditionalRequestConflict",
        "OperationAborted",
        "409",
        "412",
    ),
    NotReady: ("ResourceNotReadyException", "ModelNotReadyException"),
    ModelFailed: ("ModelErrorException", "ModelTimeoutException"),
    KeyUnusable: (
        "KMS.DisabledException",
        "KMS.NotFoundException",
        "KMS.KMSInvalidStateException",
        "DisabledException",
        "KMSInvalidStateException",
        "KmsDisabled",
        "KmsInvalidKeyUsage",
        "KmsInvalidState",
        "KmsNotFound",
    ),
    NotPermitted: (
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "KmsAccessDenied",
        "KmsOptInRequired",
        "OptInRequired",
        "403",
    ),
    CredentialsExpired: (
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "TokenRefreshRequired",
        "InvalidToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestTimeTooSkewed",
        "400",  # HEAD of S3: expired or malformed credentials
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "TokenRetrievalError",
        "NoAuthTokenError",
        "SSOError",
        "MetadataRetrievalError",
        "ProfileNotFound",
        "InvalidIdentityToken",
        "IDPRejectedClaim",
        "UnauthorizedException",  # IAM Identity Center: the session is over
    ),
    QuotaExhausted: (
        "LimitExceededException",
        "ServiceQuotaExceededException",
        "ResourceLimitExceeded",
    ),
    RequestRefused: (
        "ValidationException",
        "ValidationError",
        "InvalidParameterException",
        "InvalidParameterValueException",
        "InvalidImageFormatException",
        "ImageTooLargeException",
        "InvalidS3ObjectException",
        "InvalidArgument",
        "InvalidArnException",
        "InvalidRequest",
        "InvalidRange",
        "InvalidObjectState",
        "416",
        "ParamValidationError",
    ),
    Throttled: (
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "KmsThrottled",
        "429",
    ),
    ServiceFailed: (
        "InternalServerException",
        "InternalServerError",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ServiceException",
        "KMSInternalException",
        "DependencyTimeoutException",
        "RequestTimeout",
        "500",
        "502",
        "503",
        "504",
    ),
    Unreachable: ("ConnectionError", "HTTPClientError"),
    BrokenOff: ("IncompleteReadError", "ReadTimeoutError", "ResponseStreamingError"),
}

#: The class of each code.
ERRORS: Mapping[str, type[ServiceError]] = {
    code: kind for kind, codes in CODES.items() for code in codes
}

#: What a Conflict means, by the first word of the operation.
CONFLICTS: Mapping[str, type[Conflict]] = {
    "Create": NameTaken,
    "StartHuman": NameTaken,
    "Delete": NotYetDeletable,
    "Stop": NotYetDeletable,
}

#: Where AWS tells two causes apart by the text alone: (service, class of the code, words in lower
#: case, class that is meant). Bedrock answers ValidationException for a blocked prompt as for a
#: model that nobody here can call, and ThrottlingException for a rate as for the day's quota. S3
#: answers AccessDenied for a right on the object's key as for one on the object. SageMaker answers
#: ValidationException for a job that does not exist as for a malformed request.
#: Nothing else in the product reads the text of an error.
WORDINGS: Sequence[tuple[str, type[ServiceError], str, type[ServiceError]]] = (
    ("bedrock-runtime", Throttled, "per day", QuotaExhausted),
    ("bedrock-runtime", RequestRefused, "on-demand throughput isn", ModelNotOffered),
    ("bedrock-runtime", RequestRefused, "model identifier is invalid", ModelNotOffered),
    ("bedrock-runtime", RequestRefused, "operation not allowed", ModelNotOffered),
    ("sagemaker", RequestRefused, "requested resource not found", NotFound),
    ("sagemaker", RequestRefused, "could not find requested job", NotFound),
    ("s3", NotPermitted, "to perform: kms:", KeyUnusable),
    ("s3", NotPermitted, "customer master key", KeyUnusable),
)


def error_class(code: str, operation: str = "") -> type[ServiceError]:
    """Return the domain error of an AWS error code; ServiceError when the table lacks the code."""
    kind = ERRORS.get(code, ServiceError)
    if kind is not Conflict:
        return kind
    return next((CONFLICTS[word] for word in CONFLICTS if operation.startswith(word)), kind)


def translate(
    error: ClientError | BotoCoreError, service: str, operation: str, name: str = ""
) -> ServiceError:
    """Return the domain error of a botocore error; ``name`` is the object of the call."""
    if isinstance(error, ClientError):
        answered = error.response.get("Error", {})
        code, reason = answered.get("Code", ""), answered.get("Message", "")
        kind = _meant_class(service, error_class(code, operation), reason)
    else:
        code, reason = type(error).__name__, str(error)
        bases = (base.__name__ for base in type(error).__mro__)
        kind = next((ERRORS[base] for base in bases if base in ERRORS), ServiceError)
    what = f"{service} {operation} of {name}" if name else f"{service} {operation}"
    said = f"{code}: {reason}" if reason else code
    return kind(
        f"{what} failed with {said.rstrip('.')}. {kind.advice}",
        service=service,
        operation=operation,
        code=code,
    )


def _meant_class(service: str, kind: type[ServiceError], reason: str) -> type[ServiceError]:
    said = reason.casefold()
    for asked_service, answered, words, meant in WORDINGS:
        if service == asked_service and kind is answered and words in said:
            return meant
    return kind


@contextmanager
def translating(service: str, operation: str, name: str = "") -> Iterator[None]:
    """Raise ServiceErrors instead of botocore's errors; works around an await too."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(error, service, operation, name) from error


def translated(service: str, client: Client) -> Client:
    """Wrap a boto3 client, or a stand-in, so that calls, pages and bodies raise ServiceErrors."""
    return cast("Client", _TranslatedClient(service, client))


class _TranslatedClient:
    """Proxy of a client whose methods raise ServiceErrors."""

    def __init__(self, service: str, client: Any) -> None:
        self._service = service
        self._client = client

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._client, method)
        if not callable(found):
            return found
        if method == "get_paginator":
            return lambda listing: _TranslatedPages(self._service, listing, found(listing))

        def call(*positional: Any, **arguments: Any) -> Any:
            context = (self._service, _operation(method), _name(arguments))
            with translating(*context):
                answer = found(*positional, **arguments)
            return _translate_bodies(answer, context)

        return call


class _TranslatedPages:
    """Proxy of a paginator whose pages raise ServiceErrors."""

    def __init__(self, service: str, listing: str, paginator: Any) -> None:
        self._service = service
        self._operation = _operation(listing)
        self._paginator = paginator

    def paginate(self, **arguments: Any) -> Iterator[Any]:
        with translating(self._service, self._operation, _name(arguments)):
            yield from self._paginator.paginate(**arguments)


class _TranslatedBody:
    """Proxy of a streaming body: reading can fail after its call has succeeded."""

    def __init__(self, body: Any, context: tuple[str, str, str]) -> None:
        self._body = body
        self._context = context

    def read(self, *size: int) -> bytes:
        with translating(*self._context):
            return cast("bytes", self._body.read(*size))

    def close(self) -> None:
        """Give up the rest of the body."""
        self._body.close()


def _translate_bodies(answer: Any, context: tuple[str, str, str]) -> Any:
    if not isinstance(answer, dict):
        return answer
    bodies = {name: value for name, value in answer.items() if hasattr(value, "read")}
    if not bodies:
        return answer
    return {**answer, **{name: _TranslatedBody(body, context) for name, body in bodies.items()}}


def _operation(method: str) -> str:
    """Return the API's name of a client method: GetObject for get_object."""
    return re.sub(r"(?:^|_)([a-z0-9])", lambda match: match[1].upper(), method)


def _name(arguments: Mapping[str, Any]) -> str:
    """Return what a call is about: an S3 URI, else its first text, usually a name or an id."""
    if "Bucket" in arguments:
        key = arguments.get("Key", arguments.get("Prefix", ""))
        return f"s3://{arguments['Bucket']}/{key}"
    return next((value for value in arguments.values() if isinstance(value, str)), "")
