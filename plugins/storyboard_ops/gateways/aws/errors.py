"""Errors of botocore, read by code."""

from __future__ import annotations

from botocore.exceptions import ClientError


def error_code(error: ClientError) -> str:
    """The service's error code."""
    return error.response.get("Error", {}).get("Code", "")
