"""Comparison of a secret with what a client sent, in constant time and for any text."""

import hmac


def is_secret(given: str | None, secret: str) -> bool:
    """Return whether `given` is `secret`; None and text that is not ASCII are not."""
    # `compare_digest` refuses text that is not ASCII, so it gets bytes.
    return given is not None and hmac.compare_digest(_encode(given), _encode(secret))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
