"""HTTP statuses of error codes: from the error shapes, and from tables for the rest."""

import functools
from http import HTTPStatus

from local_aws.protocol.service_models import service_model

S3_STATUSES = {
    "AccessDenied": 403,
    "AccessForbidden": 403,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "ConditionalRequestConflict": 409,
    "InternalError": 500,
    "InvalidAccessKeyId": 403,
    "InvalidObjectState": 403,
    "InvalidPartNumber": 416,
    "InvalidRange": 416,
    "MethodNotAllowed": 405,
    "MissingContentLength": 411,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchCORSConfiguration": 404,
    "NoSuchKey": 404,
    "NoSuchLifecycleConfiguration": 404,
    "NoSuchPublicAccessBlockConfiguration": 404,
    "NoSuchTagSet": 404,
    "NoSuchUpload": 404,
    "NotImplemented": 501,
    "NotModified": 304,
    "ObjectNotInActiveTierError": 403,
    "OperationAborted": 409,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
}
"""Amazon S3 API Reference, "Error responses"; its model has a status for few errors."""

COMMON_STATUSES = {
    "AccessDeniedException": 403,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "InternalServerException": 500,
    "InvalidClientTokenId": 403,
    "MissingAuthenticationToken": 403,
    "NotImplemented": 501,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "SignatureDoesNotMatch": 403,
    "UnknownOperationException": 404,
}
REST_JSON_STATUSES = {
    "ExpiredTokenException": 403,
    "IncompleteSignatureException": 403,
    "InvalidSignatureException": 403,
    "MissingAuthenticationTokenException": 403,
    "UnrecognizedClientException": 403,
}
"""Services behind rest-json answer 403 to a bad signature, the others 400."""


def query_code(service: str, code: str) -> str:
    """Return the error's code in the older query protocol."""
    for shape in service_model(service).error_shapes:
        if shape.name == code:
            return str(shape.metadata.get("error", {}).get("code", code))
    return code


@functools.cache
def status_of(service: str, code: str) -> int:
    """Return the HTTP status of a service's error code; 400 by default."""
    if service == "s3":
        return S3_STATUSES.get(code, HTTPStatus.BAD_REQUEST)
    model = service_model(service)
    for shape in model.error_shapes:
        error = shape.metadata.get("error", {})
        if code in (shape.name, error.get("code")):
            return int(error.get("httpStatusCode", COMMON_STATUSES.get(code, 400)))
    if model.protocol == "rest-json" and code in REST_JSON_STATUSES:
        return REST_JSON_STATUSES[code]
    return COMMON_STATUSES.get(code, HTTPStatus.BAD_REQUEST)
