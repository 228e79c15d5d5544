"""Idempotent creation by `clientRequestToken`.

A repeated request returns the resource that the first one created. AWS documents that a repeated
token is ignored without an error, and does not document a repeated token with other parameters.
This endpoint rejects that, because the caller would adopt a resource that it did not request. A
token is valid as long as its resource exists.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

TOKEN = "clientRequestToken"


def fingerprint(request: dict[str, Any]) -> str:
    """Return the digest of everything in `request` except its token."""
    parameters = {key: value for key, value in request.items() if key != TOKEN}
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def describe_token(request: dict[str, Any]) -> Document:
    """Return the members that a created document needs for `find_earlier` to find it."""
    return {"token": request.get(TOKEN), "fingerprint": fingerprint(request)}


def find_earlier(
    documents: Iterable[Document], request: dict[str, Any], mismatch_code: str
) -> Document | None:
    """Return the document that an earlier request with this token created, or None.

    Raises:
        ServiceError: `mismatch_code` if that request had other parameters.
    """
    token = request.get(TOKEN)
    if token is None:
        return None
    for document in documents:
        if document["token"] == token:
            if document["fingerprint"] != fingerprint(request):
                raise ServiceError(
                    mismatch_code,
                    "The provided client request token was already used with other parameters.",
                )
            return document
    return None
