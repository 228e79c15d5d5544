"""Which tests can reach a module: those that import it, directly or through other modules."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

PLUGINS = "plugins"
#: Imports from a test to what it tests: it, or what uses it. Farther tests would cost more time
#: than they kill.
FARTHEST = 2


class ImportGraph:
    """Who imports whom among `files`, relative to `root`."""

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        by_name = {name: file for file in files for name in _names(file)}
        self._importers: dict[Path, set[Path]] = {}
        for file in set(by_name.values()):
            for name in _imports(ast.parse((root / file).read_text())):
                if imported := by_name.get(name):
                    self._importers.setdefault(imported, set()).add(file)

    def tests_of(self, module: Path, tests: Iterable[Path]) -> list[Path]:
        """Those of `tests` that reach `module`: its own, its nearest importers, in their order."""
        distance = {module: 0}
        queue = [module]
        for file in queue:
            for importer in self._importers.get(file, ()):
                if importer not in distance:
                    distance[importer] = distance[file] + 1
                    queue.append(importer)
        own = Path(module.parent.name, f"test_{module.name}")
        reaching = [test for test in tests if distance.get(test, FARTHEST + 1) <= FARTHEST]
        return sorted(reaching, key=lambda test: (not test.match(str(own)), distance[test]))


def _names(file: Path) -> list[str]:
    """Dotted names that import this file."""
    parts = file.with_suffix("").parts
    if parts[0] == PLUGINS:
        parts = parts[1:]
    return [".".join(parts[:-1] if parts[-1] == "__init__" else parts)]


def _imports(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
