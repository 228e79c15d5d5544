"""Conditional requests: If-Match, If-None-Match and their dates (RFC 9110, section 13)."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from local_aws.protocol.errors import ServiceError
from local_aws.storage.object_store import Condition, StoredObject


def make_delete_condition(if_match: str | None) -> Condition:
    """Return the condition that a deletion makes on the current object: "*" is any object.

    The condition raises like that of a write.
    """
    return lambda current: _require_match(if_match, current)


def make_write_condition(request: Mapping[str, Any]) -> Condition:
    """Return the condition that a write makes on the current object.

    The condition raises ServiceError PreconditionFailed, or NoSuchKey for If-Match on nothing.
    """
    if_match, if_none_match = request.get("IfMatch"), request.get("IfNoneMatch")
    if if_none_match not in (None, "*") or if_match == "*":
        raise ServiceError(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            Header="If-None-Match" if if_none_match else "If-Match",
        )

    def condition(current: StoredObject | None) -> None:
        if if_none_match is not None and current is not None:
            raise _precondition_failed("If-None-Match")
        _require_match(if_match, current)

    return condition


def _require_match(if_match: str | None, current: StoredObject | None) -> None:
    if if_match is None:
        return
    if current is None:
        raise ServiceError("NoSuchKey", "The specified key does not exist.")
    if not _matches(if_match, current.etag):
        raise _precondition_failed("If-Match")


def require_readable(request: Mapping[str, Any], stored: StoredObject, prefix: str = "") -> None:
    """Raise ServiceError PreconditionFailed or NotModified by the request's conditions.

    `prefix` is "CopySource" for the conditions of a copy on its source.
    """
    if_match, if_none_match = request.get(f"{prefix}IfMatch"), request.get(f"{prefix}IfNoneMatch")
    modified = stored.modified.replace(microsecond=0)
    unmodified_since: datetime | None = request.get(f"{prefix}IfUnmodifiedSince")
    modified_since: datetime | None = request.get(f"{prefix}IfModifiedSince")
    if if_match is not None:
        if not _matches(if_match, stored.etag):
            raise _precondition_failed("If-Match")
    elif unmodified_since is not None and modified > unmodified_since:
        raise _precondition_failed("If-Unmodified-Since")
    if if_none_match is not None:
        if _matches(if_none_match, stored.etag):
            raise _precondition_failed("If-None-Match") if prefix else _not_modified(stored)
    elif modified_since is not None and modified <= modified_since:
        raise _precondition_failed("If-Modified-Since") if prefix else _not_modified(stored)


def _matches(header: str, etag: str) -> bool:
    return any(tag.strip().strip('"') in ("*", etag) for tag in header.split(","))


def _precondition_failed(condition: str) -> ServiceError:
    return ServiceError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        Condition=condition,
    )


def _not_modified(stored: StoredObject) -> ServiceError:
    headers = {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": format_datetime(stored.modified, usegmt=True),
    }
    return ServiceError("NotModified", "Not Modified", headers=headers)
