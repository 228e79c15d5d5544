"""Keys that this endpoint's STS and IAM have issued and its signature check accepts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from local_aws.signing.identity import Identity
from local_aws.storage.state_store import StateStore

KIND = "issued-key"
ISSUING = (
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "GetSessionToken",
    "GetFederationToken",
    "CreateAccessKey",
)
REVOKING = "DeleteAccessKey"


@dataclass(frozen=True)
class KeySecret:
    """The secret of an access key; `token` and `expires` are set for temporary keys only.

    `principal` is the ARN of the user or role whose key it is; empty for the endpoint's own.
    """

    secret: str
    token: str | None = None
    expires: datetime | None = None
    principal: str = ""


FindKey = Callable[[str], KeySecret | None]
"""Returns the secret of an access key, or None if the key was never issued."""


def make_key_finder(identity: Identity, state: StateStore) -> FindKey:
    """Return a function that finds the endpoint's own key and every key it has issued."""

    def find(access_key: str) -> KeySecret | None:
        if access_key == identity.access_key_id:
            return KeySecret(identity.secret_access_key)
        document = state.get(KIND, access_key)
        return None if document is None else _read_key_secret(document)

    return find


def _read_key_secret(document: Mapping[str, Any]) -> KeySecret:
    expires = document["expires"]
    return KeySecret(
        document["secret"],
        document["token"],
        datetime.fromisoformat(expires) if expires else None,
        document.get("principal", ""),
    )


def store_issued_key(
    operation: str, form: Mapping[str, str], answer: bytes, state: StateStore, principal: str
) -> None:
    """Store the key that an answer of STS or IAM issues, or remove one that it revokes.

    `principal` is the ARN of the user or role that the key is for.
    """
    if operation == REVOKING:
        state.delete(KIND, form.get("AccessKeyId", ""))
    if operation not in ISSUING:
        return
    found = {
        element.tag.rpartition("}")[2]: element.text
        for element in ElementTree.fromstring(answer).iter()
    }
    if found.get("AccessKeyId"):
        document = {
            "secret": found["SecretAccessKey"],
            "token": found.get("SessionToken"),
            "expires": found.get("Expiration"),
            "principal": principal,
        }
        state.put(KIND, str(found["AccessKeyId"]), document)
