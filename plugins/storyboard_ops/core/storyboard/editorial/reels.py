"""Reel names: what an edit decision list calls a source, in eight characters."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

LONGEST = 8
#: What edit decision lists mean by these names: black, an auxiliary source, colour bars.
RESERVED = frozenset({"BL", "BLACK", "AX", "BARS", "NONE"})

_PLAIN = re.compile(r"([0-9A-Z]{1,2})-([0-9]{3})-([0-9]{3})")


def name_reels(names: Iterable[str]) -> dict[str, str]:
    """Return a reel of eight letters and digits for each name; each name has another.

    A reel follows from the name alone, so that it stays when the board changes: 12-010-020 is
    12010020. Names that are longer begin with their scene and end in a digest. Should two digests
    be equal, which one in a million are, the later name gets another.
    """
    reels: dict[str, str] = {}
    taken = set(RESERVED)
    for name in dict.fromkeys(names):
        attempt = 0
        while (reel := _reel(name, attempt)) in taken:
            attempt += 1
        taken.add(reel)
        reels[name] = reel
    return reels


def _reel(name: str, attempt: int) -> str:
    if attempt == 0 and (plain := _PLAIN.fullmatch(name)):
        return "".join(plain.groups())
    scene = re.sub(r"[^0-9A-Z]", "", name.partition("-")[0].upper())[:2]
    digest = hashlib.sha256(f"{name}/{attempt}".encode()).digest()
    # The letter after the scene keeps these apart from plain ones, which end in six digits.
    return f"{scene}X{base64.b32encode(digest).decode()}"[:LONGEST]
