"""The XML elements of a request's document: S3 refuses those that it does not know.

The parser of botocore's models leaves them out, so that a setting of a newer model would be lost.
"""

from collections.abc import Iterator
from xml.etree import ElementTree

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from local_aws.protocol.errors import ServiceError


def require_known_elements(model: OperationModel, body: bytes) -> None:
    """Raise ServiceError MalformedXML for an element that the operation does not have."""
    shape = model.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    if shape is None or payload is None or not isinstance(shape.members[payload], StructureShape):
        return
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return  # the parser reports it
    unknown = next(find_unknown(root, shape.members[payload]), None)
    if unknown is not None:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published "
            f"schema: {model.name} has no element {unknown}.",
        )


def find_unknown(node: ElementTree.Element, shape: Shape) -> Iterator[str]:
    """Yield the names of the elements below `node` that `shape` does not have."""
    known: dict[str, Shape] = {}
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            element = str(member.serialization.get("name", name))
            known[element] = member
            if isinstance(member, ListShape) and member.serialization.get("flattened"):
                known[element] = member.member  # a flat list has no element around its items
    elif isinstance(shape, ListShape):
        known[shape.member.serialization.get("name", "member")] = shape.member
    for child in node:
        tag = child.tag.rpartition("}")[2]
        if tag not in known:
            yield tag
        else:
            yield from find_unknown(child, known[tag])
