"""Idempotent creation: what `clientRequestToken` promises.

A repeated request is answered with the resource that the first one made. AWS documents that a
repeated token is ignored without an error and says nothing about one that comes back with other
parameters; this endpoint refuses that, because a caller who relies on it would adopt a resource
that is not the one it asked for. A token lives as long as its resource.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

TOKEN = "clientRequestToken"


def fingerprint(request: dict[str, Any]) -> str:
    """Digest of everything in `request` except its token."""
    parameters = {key: value for key, value in request.items() if key != TOKEN}
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def token_members(request: dict[str, Any]) -> Document:
    """What a created document keeps so that `adopted` finds it."""
    return {"token": request.get(TOKEN), "fingerprint": fingerprint(request)}


def adopted(
    documents: Iterable[Document], request: dict[str, Any], mismatch_code: str
) -> Document | None:
    """The document that an earlier request with this token made, or None.

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
