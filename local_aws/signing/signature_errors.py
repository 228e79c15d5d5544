"""How each kind of service reports a rejected signature.

S3, the query services (IAM, STS) and the JSON services have codes of their own for the same
problem; the tables follow the services' "Common Errors" pages.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.protocol.errors import ServiceError
from local_aws.signing.request_signature import SignatureProblem

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "key and signing method."
)
BAD_TOKEN = "The security token included in the request is invalid."

S3_ERRORS = {
    "Missing": ("AccessDenied", "Access Denied"),
    "Malformed": ("AuthorizationHeaderMalformed", "The authorization header is malformed"),
    "OldVersion": (
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use "
        "AWS4-HMAC-SHA256.",
    ),
    "MalformedQuery": ("AuthorizationQueryParametersError", ""),
    "UnknownKey": (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "WrongToken": ("InvalidToken", "The provided token is malformed or otherwise invalid."),
    "ExpiredToken": ("ExpiredToken", "The provided token has expired."),
    "WrongRegion": ("AuthorizationHeaderMalformed", "The authorization header is malformed"),
    "UnsignedHeaders": ("AccessDenied", ""),
    "Skewed": (
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    ),
    "NotYetValid": ("AccessDenied", ""),
    "Expired": ("AccessDenied", "Request has expired"),
    "WrongSignature": ("SignatureDoesNotMatch", S3_MISMATCH),
    "NoPayloadHash": (
        "InvalidRequest",
        "Missing required header for this request: x-amz-content-sha256",
    ),
}
QUERY_ERRORS = {
    "Missing": ("MissingAuthenticationToken", "Request is missing Authentication Token"),
    "Malformed": ("IncompleteSignature", ""),
    "OldVersion": ("IncompleteSignature", ""),
    "MalformedQuery": ("IncompleteSignature", ""),
    "UnknownKey": ("InvalidClientTokenId", BAD_TOKEN),
    "WrongToken": ("InvalidClientTokenId", BAD_TOKEN),
    "ExpiredToken": ("ExpiredToken", "The security token included in the request is expired"),
    "WrongRegion": ("SignatureDoesNotMatch", "Credential should be scoped to a valid region."),
    "UnsignedHeaders": ("SignatureDoesNotMatch", ""),
    "Skewed": ("SignatureDoesNotMatch", "Signature expired: "),
    "NotYetValid": ("SignatureDoesNotMatch", ""),
    "Expired": ("SignatureDoesNotMatch", "Signature expired: "),
    "WrongSignature": ("SignatureDoesNotMatch", MISMATCH),
}
JSON_ERRORS = {
    **QUERY_ERRORS,
    "Missing": ("MissingAuthenticationTokenException", "Missing Authentication Token"),
    "Malformed": ("IncompleteSignatureException", ""),
    "MalformedQuery": ("IncompleteSignatureException", ""),
    "UnknownKey": ("UnrecognizedClientException", BAD_TOKEN),
    "WrongToken": ("UnrecognizedClientException", BAD_TOKEN),
    "ExpiredToken": (
        "ExpiredTokenException",
        "The security token included in the request is expired",
    ),
    "WrongRegion": (
        "InvalidSignatureException",
        "Credential should be scoped to a valid region.",
    ),
    "UnsignedHeaders": ("InvalidSignatureException", ""),
    "Skewed": ("InvalidSignatureException", "Signature expired: "),
    "NotYetValid": ("InvalidSignatureException", "Signature not yet current: "),
    "Expired": ("InvalidSignatureException", "Signature expired: "),
    "WrongSignature": ("InvalidSignatureException", MISMATCH),
}
TABLES = {"s3": S3_ERRORS, "iam": QUERY_ERRORS, "sts": QUERY_ERRORS}


def make_signature_error(problem: SignatureProblem, service: str) -> ServiceError:
    """Return the service's own error for a rejected signature."""
    code, text = TABLES.get(service, JSON_ERRORS)[problem.kind]
    if text.endswith(": ") or not text:
        text += problem.message
    elif problem.kind == "WrongRegion" and service == "s3":
        text += "; " + problem.message
    members: Mapping[str, Any] = problem.members if service == "s3" else {}
    return ServiceError(code, text, **members)
