"""Validates values against botocore's shapes, with every bound that AWS checks.

botocore's own validator checks required members, types and minima; services also check maxima,
patterns and enumerations. `Violation.text` uses their wording.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

NULL = object()


@dataclass(frozen=True)
class Violation:
    """One value that violates one constraint; `path` is the service's: `tags.1.member.key`."""

    path: str
    value: Any
    constraint: str

    @property
    def text(self) -> str:
        """The violation in the wording of the service."""
        shown = "null" if self.value is NULL else f"'{_format_value(self.value)}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


@dataclass(frozen=True)
class WrongType:
    """A value whose type the protocol does not allow here."""

    path: str
    value: Any
    expected: str

    @property
    def text(self) -> str:
        """The actual and the expected type."""
        return f"{self.path}: {type(self.value).__name__} cannot be read as {self.expected}"


Finding = Violation | WrongType


def check(value: Any, shape: Shape, path: str = "") -> Iterator[Finding]:
    """Yield every constraint of `shape` that `value` violates, depth first, in model order."""
    if shape.type_name in TYPES and not isinstance(value, TYPES[shape.type_name]):
        if not (shape.type_name == "blob" and hasattr(value, "read")):
            yield WrongType(path, value, shape.type_name)
        return
    if isinstance(value, bool) and shape.type_name in ("integer", "long", "float", "double"):
        yield WrongType(path, value, shape.type_name)
        return
    check_value = CHECKS.get(shape.type_name)
    if check_value is not None:
        yield from check_value(value, shape, path)


def unknown_members(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Yield the paths of structure members that `value` has and `shape` does not."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        if shape.is_document_type:
            return
        for name, member in value.items():
            member_path = f"{path}.{name}".lstrip(".")
            if name in shape.members:
                yield from unknown_members(member, shape.members[name], member_path)
            else:
                yield member_path
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for index, member in enumerate(value):
            yield from unknown_members(member, shape.member, f"{path}[{index}]")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, member in value.items():
            yield from unknown_members(member, shape.value, f"{path}.{key}")


def _check_structure(value: dict[str, Any], shape: StructureShape, path: str) -> Iterator[Finding]:
    if shape.is_document_type:
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(_join_path(path, name), NULL, "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from check(value[name], member, _join_path(path, name))


def _check_list(value: list[Any], shape: ListShape, path: str) -> Iterator[Finding]:
    yield from _check_length(value, shape, path)
    for position, member in enumerate(value, start=1):
        yield from check(member, shape.member, f"{path}.{position}.member")


def _check_map(value: dict[str, Any], shape: MapShape, path: str) -> Iterator[Finding]:
    yield from _check_length(value, shape, path)
    for key, member in value.items():
        yield from check(key, shape.key, f"{path}.key")
        yield from check(member, shape.value, f"{path}.{key}.member")


def _check_string(value: str, shape: StringShape, path: str) -> Iterator[Finding]:
    yield from _check_length(value, shape, path)
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not compile_pattern(pattern).fullmatch(value):
        constraint = f"Member must satisfy regular expression pattern: {pattern}"
        yield Violation(path, value, constraint)
    if shape.enum and value not in shape.enum:
        constraint = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        yield Violation(path, value, constraint)


def _check_length(value: Any, shape: Shape, path: str) -> Iterator[Finding]:
    if not hasattr(value, "__len__"):
        return  # a stream: its handler counts the bytes
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < least:
        constraint = f"Member must have length greater than or equal to {least}"
        yield Violation(path, value, constraint)
    if most is not None and len(value) > most:
        constraint = f"Member must have length less than or equal to {most}"
        yield Violation(path, value, constraint)


def _check_number(value: float, shape: Shape, path: str) -> Iterator[Finding]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        constraint = f"Member must have value greater than or equal to {least}"
        yield Violation(path, value, constraint)
    if most is not None and value > most:
        constraint = f"Member must have value less than or equal to {most}"
        yield Violation(path, value, constraint)


CHECKS: dict[str, Callable[[Any, Any, str], Iterator[Finding]]] = {
    "structure": _check_structure,
    "list": _check_list,
    "map": _check_map,
    "string": _check_string,
    "blob": _check_length,
    "integer": _check_number,
    "long": _check_number,
    "float": _check_number,
    "double": _check_number,
}

TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "list": list,
    "map": dict,
    "string": str,
    "blob": (bytes, bytearray),
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime,
}

UNICODE_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{M}": "\u0300-\u036f",
    r"\p{S}": "$+<=>^`|~",
    r"\p{P}": r"!-/:-@\[-_{}",
    r"\p{Alnum}": "A-Za-z0-9",
    r"\uD800\uDC00-\uDBFF\uDFFF": "\U00010000-\U0010ffff",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
"""Java's classes, and its range of surrogate pairs, as members of a Python set. `\\w` also has
digits and the underscore; every pattern of a served operation that allows letters also allows those
(a test checks this)."""


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a model's pattern, written for Java, for Python."""
    for java, members in UNICODE_CLASSES.items():
        pattern = pattern.replace(java, members)
    return re.compile(pattern)


def _join_path(path: str, name: str) -> str:
    shown = name[:1].lower() + name[1:]
    return f"{path}.{shown}" if path else shown


def _format_value(value: Any) -> str:
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    text = str(value)
    return text if len(text) <= 1024 else f"{text[:1024]}..."
