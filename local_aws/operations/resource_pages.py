"""Cuts lists into pages; lists documents as the AWS control planes do, by creation time."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

T = TypeVar("T")


@dataclass(frozen=True)
class PageQuery:
    """Which documents to list. Times are timezone-aware, bounds exclusive."""

    created_after: datetime | None
    created_before: datetime | None
    descending: bool
    limit: int
    token: str | None


def cut_page(
    rows: Sequence[T], request: dict[str, Any], largest: int
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the page of `rows` for `MaxResults` and `NextToken`, and its `NextToken` member,
    empty on the last page.

    Raises:
        ServiceError: InvalidPaginationTokenException.
    """
    token = request.get("NextToken", "0")
    if not token.isdigit():
        raise ServiceError("InvalidPaginationTokenException", "Invalid pagination token")
    end = int(token) + request.get("MaxResults", largest)
    return rows[int(token) : end], ({"NextToken": str(end)} if end < len(rows) else {})


def read_bedrock_query(request: dict[str, Any]) -> PageQuery:
    """Read the query of a Bedrock List* request: by default newest first, 1,000 a page."""
    return PageQuery(
        created_after=request.get("creationTimeAfter", request.get("createdAfter")),
        created_before=request.get("creationTimeBefore", request.get("createdBefore")),
        descending=request.get("sortOrder", "Descending") == "Descending",
        limit=request.get("maxResults", 1000),
        token=request.get("nextToken"),
    )


def read_sagemaker_query(request: dict[str, Any]) -> PageQuery:
    """Read the query of a SageMaker or A2I List* request: by default newest first, ten a page."""
    return PageQuery(
        created_after=request.get("CreationTimeAfter"),
        created_before=request.get("CreationTimeBefore"),
        descending=request.get("SortOrder", "Descending") == "Descending",
        limit=request.get("MaxResults", 10),
        token=request.get("NextToken"),
    )


def list_page(documents: Sequence[Document], query: PageQuery) -> tuple[list[Document], str | None]:
    """Return a page of `documents` and the token of the next page, None after the last.

    Documents have `created` (ISO 8601, UTC) and `arn`. The token names the last document
    listed, so documents created or deleted between two pages shift nothing.

    Raises:
        ServiceError: ValidationException for a token that this endpoint did not issue.
    """
    wanted = [document for document in documents if _is_within(document, query)]
    wanted.sort(key=_sort_key, reverse=query.descending)
    if query.token is not None:
        last = _read_token(query.token)
        wanted = [
            document
            for document in wanted
            if (_sort_key(document) < last if query.descending else _sort_key(document) > last)
        ]
    page = wanted[: query.limit]
    return page, _write_token(page[-1]) if len(wanted) > query.limit else None


def _is_within(document: Document, query: PageQuery) -> bool:
    created = datetime.fromisoformat(document["created"])
    return (query.created_after is None or created > query.created_after) and (
        query.created_before is None or created < query.created_before
    )


def _sort_key(document: Document) -> tuple[str, str]:
    return document["created"], document["arn"]


def _write_token(document: Document) -> str:
    return base64.urlsafe_b64encode(json.dumps(_sort_key(document)).encode()).decode()


def _read_token(token: str) -> tuple[str, str]:
    try:
        created, arn = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error) as error:
        raise ServiceError("ValidationException", "The provided nextToken is invalid.") from error
    return str(created), str(arn)
