"""Which changes make a mutant: mutmut's operators on expressions, and ours where it has none.

Left out by rule, because no behaviour hangs on it: docstrings and other strings, annotations,
decorators, imports, log calls, the arguments of a `raise`, `strict=` of `zip`, and unions of types
outside functions.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators as mutmut

FLIPPED: dict[type[cst.BaseCompOp], Callable[[], cst.BaseCompOp]] = {
    cst.LessThan: cst.GreaterThanEqual,
    cst.LessThanEqual: cst.GreaterThan,
    cst.GreaterThan: cst.LessThanEqual,
    cst.GreaterThanEqual: cst.LessThan,
}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}
LOG_METHODS = {"debug", "info", "warning", "error", "exception"}
LOGGERS = {"log", "logger"}


def lower_number(node: cst.BaseNumber) -> Iterator[cst.BaseExpression]:
    """`3` to `2`, `0` to `-1`; mutmut raises by one."""
    if not isinstance(node, cst.Integer | cst.Float):
        return
    value = node.evaluated_value - 1
    number = type(node)(repr(abs(value)))
    yield number if value >= 0 else cst.UnaryOperation(cst.Minus(), number)


def flip_comparison(node: cst.ComparisonTarget) -> Iterator[cst.ComparisonTarget]:
    """`<` to `>=`; mutmut shifts the boundary from `<` to `<=`."""
    if flipped := FLIPPED.get(type(node.operator)):
        yield node.with_changes(operator=flipped())


def negate_condition(node: cst.If | cst.While | cst.CompIf) -> Iterator[cst.CSTNode]:
    """`if found` to `if not found`, where no other operator changes the condition."""
    if isinstance(node.test, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), node.test))


def swap_extremes(node: cst.Call) -> Iterator[cst.Call]:
    """`min` to `max`, `any` to `all`, `floor` to `ceil`, and back, of builtins and of modules."""
    name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    if isinstance(name, cst.Name) and name.value in SWAPPED:
        yield node.with_deep_changes(name, value=SWAPPED[name.value])


def return_nothing(node: cst.Return) -> Iterator[cst.Return]:
    """`return found` to `return None`."""
    if node.value is not None and not node.value.deep_equals(cst.Name("None")):
        yield node.with_changes(value=cst.Name("None"))


def remove_statement(node: cst.BaseSmallStatement) -> Iterator[cst.Pass]:
    """A call without a result, `+=` and `raise` to `pass`."""
    if not isinstance(node, cst.Expr) or isinstance(node.value, cst.Call | cst.Await):
        yield cst.Pass()


OPERATORS: Sequence[tuple[Any, Callable[[Any], Any]]] = (
    (cst.BaseNumber, mutmut.operator_number),
    (cst.BaseNumber, lower_number),
    (cst.Name, mutmut.operator_name),
    (cst.CSTNode, mutmut.operator_keywords),
    (cst.CSTNode, mutmut.operator_swap_op),
    (cst.UnaryOperation, mutmut.operator_remove_unary_ops),
    (cst.Call, mutmut.operator_symmetric_string_methods_swap),
    (cst.IfExp, mutmut.operator_if_exp),
    (cst.Match, mutmut.operator_match),
    (cst.ComparisonTarget, flip_comparison),
    (cst.If | cst.While | cst.CompIf, negate_condition),
    (cst.Call, swap_extremes),
    (cst.Return, return_nothing),
    (cst.Expr | cst.AugAssign | cst.Raise, remove_statement),
)


@dataclass(frozen=True)
class Mutant:
    """`node` of the module at `path` exchanged for `mutated`. `function` is dotted."""

    path: Path
    function: str
    line: int
    module: cst.Module
    node: cst.CSTNode
    mutated: cst.CSTNode

    @cached_property
    def code(self) -> str:
        """The whole file, changed."""
        changed = self.module.deep_replace(self.node, self.mutated)
        return cst.ensure_type(changed, cst.Module).code

    @cached_property
    def diff(self) -> tuple[str, ...]:
        """The lines that differ, stripped of their indentation."""
        lines = difflib.ndiff(self.module.code.splitlines(), self.code.splitlines())
        return tuple(f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "+-")

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What stays when lines shift; the path is cut to floor, stage and name."""
        return "/".join(self.path.parts[-3:]), self.function, self.diff


class Changes(cst.CSTVisitor):
    """Collects (function, line, node, changed node) over a module."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int, cst.CSTNode, cst.CSTNode]] = []
        self._scope: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Collect the changes of `node`; False for what is left out with all below it."""
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._scope.append(node.name.value)
        if _is_left_out(node, inside=bool(self._scope)):
            return False
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                line = self.get_metadata(PositionProvider, node).start.line
                changed = (".".join(self._scope), line, node)
                self.found += [(*changed, mutated) for mutated in operator(node)]
        return not isinstance(node, cst.Raise)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Leave the scope of a function or class."""
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._scope.pop()


def _is_left_out(node: cst.CSTNode, *, inside: bool) -> bool:
    match node:
        case cst.Annotation() | cst.Decorator() | cst.Import() | cst.ImportFrom():
            return True
        case cst.If(test=cst.Name("TYPE_CHECKING")):
            return True
        case cst.Arg(keyword=cst.Name("strict")):
            return True
        case cst.BinaryOperation(operator=cst.BitOr()):
            return not inside
        case cst.Expr(value=cst.Call(func=cst.Attribute(value=cst.Name(name), attr=method))):
            return name.lower() in LOGGERS and method.value in LOG_METHODS
    return False


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Every mutant of the file at `path`, relative to `root`, in the order of the file."""
    wrapper = MetadataWrapper(cst.parse_module((root / path).read_text()))
    changes = Changes()
    wrapper.visit(changes)
    return [
        Mutant(path, function, line, wrapper.module, node, mutated)
        for function, line, node, mutated in changes.found
    ]
