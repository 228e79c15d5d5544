"""Requests that violate a botocore model in one place, derived from the model."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from local_aws.protocol.shape_validation import compile_pattern

DEEPEST = 4
LARGEST_STRING = 200_000
LARGEST_LIST = 1_000
UNMATCHED = ("\u0001", " ", "é!", "-", "", "x" * 300, "0")
FILLER = "x"


@dataclass(frozen=True)
class Case:
    """A request with one member that violates one constraint, and the service's name for it."""

    request: dict[str, Any]
    path: str
    constraint: str

    @property
    def expected(self) -> str:
        """What the service's message must contain."""
        return f"at '{self.path}' failed to satisfy constraint: {self.constraint}"


def cases(operation: OperationModel) -> Iterator[Case]:
    """Return every case of an operation, down to a depth of four."""
    shape = operation.input_shape
    if shape is None:
        return
    needed = _unavoidable(shape)
    for request, path, constraint in _structure(shape, "", 0):
        if not request.keys() & _read_by_the_client(operation):
            yield Case({**needed, **request}, path, constraint)


def _read_by_the_client(operation: OperationModel) -> set[str]:
    """botocore itself rejects an unknown checksum algorithm."""
    return {operation.http_checksum.get("requestAlgorithmMember", "")}


def _unavoidable(shape: StructureShape) -> dict[str, Any]:
    """Members without which the request is not routed to this operation."""
    locations = {
        name: member.serialization.get("location") for name, member in shape.members.items()
    }
    return {
        name: FILLER
        for name in shape.required_members
        if locations[name] in ("uri", "querystring") or name == "CopySource"
    } | {name: 1 for name in shape.required_members if shape.members[name].type_name == "integer"}


Broken = tuple[Any, str, str]


def _structure(shape: StructureShape, path: str, depth: int) -> Iterator[Broken]:
    if depth > DEEPEST or shape.is_document_type:
        return
    unavoidable = _unavoidable(shape) if depth == 0 else {}
    for name in shape.required_members:
        if name not in unavoidable:
            yield {}, _join(path, name), "Member must not be null"
    for name, member in shape.members.items():
        if not _is_carried(member):
            continue
        for value, where, constraint in _value(member, _join(path, name), depth):
            if not (value == "" and "location" in member.serialization):
                yield {name: value}, where, constraint


def _is_carried(member: Shape) -> bool:
    """Headers, paths and queries carry plain strings only; a stream has no constraints."""
    if member.serialization.get("streaming") or member.type_name == "blob":
        return False
    if member.serialization.get("location") == "header":
        return member.type_name == "string" and bool(getattr(member, "enum", None))
    return "location" not in member.serialization or member.type_name in ("string", "integer")


def _value(shape: Shape, path: str, depth: int) -> Iterator[Broken]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, path, depth + 1)
    elif isinstance(shape, ListShape):
        yield from _list(shape, path, depth)
    elif isinstance(shape, MapShape):
        return
    elif shape.type_name == "string":
        yield from _string(shape, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _number(shape, path)


def _list(shape: ListShape, path: str, depth: int) -> Iterator[Broken]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if least > 0 and not shape.serialization.get("flattened"):
        yield [], path, f"Member must have length greater than or equal to {least}"
    if most is not None and most <= LARGEST_LIST:
        filler = _filler(shape.member)
        constraint = f"Member must have length less than or equal to {most}"
        yield [filler] * (most + 1), path, constraint
    for value, where, constraint in _value(shape.member, f"{path}.1.member", depth + 1):
        yield [value], where, constraint


def _filler(shape: Shape) -> Any:
    by_type = {"string": FILLER, "structure": {}, "list": [], "map": {}, "boolean": True}
    return by_type.get(shape.type_name, 1)


def _string(shape: Shape, path: str) -> Iterator[Broken]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    pattern, enum = shape.metadata.get("pattern"), getattr(shape, "enum", None)
    if least > 0:
        constraint = f"Member must have length greater than or equal to {least}"
        yield FILLER * (least - 1), path, constraint
    if most is not None and most <= LARGEST_STRING:
        yield FILLER * (most + 1), path, f"Member must have length less than or equal to {most}"
    if pattern is not None:
        misfit = [text for text in UNMATCHED if not compile_pattern(pattern).fullmatch(text)]
        if misfit:
            constraint = f"Member must satisfy regular expression pattern: {pattern}"
            yield misfit[0], path, constraint
    if enum:
        constraint = f"Member must satisfy enum value set: [{', '.join(enum)}]"
        yield "no-such-value", path, constraint


def _number(shape: Shape, path: str) -> Iterator[Broken]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None:
        constraint = f"Member must have value greater than or equal to {least}"
        yield least - 1, path, constraint
    if most is not None and most < 2**31 - 1:
        yield most + 1, path, f"Member must have value less than or equal to {most}"


def _join(path: str, name: str) -> str:
    shown = name[:1].lower() + name[1:]
    return f"{path}.{shown}" if path else shown
