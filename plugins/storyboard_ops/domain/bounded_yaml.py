"""Read YAML from outside within bounds: production files, the deployment file, schedules, tables.

Only plain values are read. Refused are aliases and merge keys, with which a short file becomes a
huge value, and keys that occur twice, of which YAML's readers silently keep the last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from storyboard_ops.domain.bounded_text import encoded, short_repr, shorten
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import (
    MOST_DEPTH,
    MOST_NUMBER_DIGITS,
    MOST_SHOWN_FAULT,
    MOST_YAML_BYTES,
)

_MERGE = "tag:yaml.org,2002:merge"
_BOOL, _TEXT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:str"


def read_yaml(body: bytes | str, what: str) -> Any:
    """Parse a YAML document in UTF-8, with or without a byte order mark.

    ``what``: names the file at the beginning of a message. Raises BadInput naming the file and the
    line when it is longer than MOST_YAML_BYTES, nested deeper than MOST_DEPTH, or malformed.
    """
    body = encoded(body, what, MOST_YAML_BYTES)
    try:
        # The loader is a SafeLoader, which constructs plain values only.
        return yaml.load(body.decode("utf-8-sig"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{what} is not UTF-8 text: byte {error.start} cannot be decoded. Save it as UTF-8."
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        fault = shorten(str(error), MOST_SHOWN_FAULT)
        raise BadInput(f"{what} is not valid YAML: {fault}. Correct it.") from None


def line_finder(body: bytes | str) -> Callable[[Sequence[str | int]], int]:
    """Return what finds the line, from 1, of a place in a document that ``read_yaml`` has read.

    A place is the keys and positions that lead to it; of a place that is not there, the line of
    the last part that is.

    >>> line_finder("a: 1\nb:\n- {c: 2}")(["b", 0, "c"])
    3
    """
    text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
    root = yaml.compose(text, Loader=_Loader)

    def find(place: Sequence[str | int]) -> int:
        node, line = root, 1
        for part in place:
            if isinstance(node, MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            elif isinstance(node, SequenceNode) and isinstance(part, int):
                pair = (node.value[part],) * 2 if part < len(node.value) else None
            else:
                pair = None
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        return line

    return find


class _Loader(yaml.SafeLoader):
    """SafeLoader without aliases, merge keys, repeated keys, deep nesting and huge numbers."""

    _depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _fault("aliases (*name) are not allowed; write the value out", event)
        if self._depth >= MOST_DEPTH and not isinstance(event, yaml.ScalarEvent):
            raise _fault(f"nested deeper than {MOST_DEPTH} levels; make it flatter", event)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                raise _fault("merge keys (<<) are not allowed; write the values out", key_node)
            if key_node.tag == _BOOL:
                key_node.tag = _TEXT  # YAML takes "off" and "on" for truth values, also as keys
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise _fault("a key must be a text or a number", key_node)
            if key in lines:
                raise _fault(
                    f"the key {short_repr(key)} occurs twice, first in line {lines[key]}; keep one",
                    key_node,
                )
            lines[key] = key_node.start_mark.line + 1
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: ScalarNode) -> int:
        _check_length(node)
        return super().construct_yaml_int(node)

    def construct_yaml_float(self, node: ScalarNode) -> float:
        _check_length(node)
        number = super().construct_yaml_float(node)
        if not math.isfinite(number):
            raise _fault("infinity and NaN are not allowed", node)
        return number


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def _check_length(node: ScalarNode) -> None:
    if len(node.value) > MOST_NUMBER_DIGITS:
        raise _fault(f"a number has more than {MOST_NUMBER_DIGITS} digits", node)


def _fault(problem: str, place: Any) -> ConstructorError:
    return ConstructorError(None, None, problem, place.start_mark)
