"""The commands of make that documents show, and how tests call make."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.docs.markdown_files import ROOT, code_blocks, code_spans

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = frozenset(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
#: Variables that a recipe reads, or that reach the launcher by the environment.
VARIABLES = frozenset(re.findall(r"\$\((?:if |or )?([A-Z]+)\b", MAKEFILE)) | frozenset(
    name for line in re.findall(r"^export (.+)$", MAKEFILE, re.MULTILINE) for name in line.split()
)
#: The environment that runs the tests takes the place of .venv, and is not rebuilt.
INSTALLED = (
    *(f"VENV={sys.prefix}", "-o", f"{sys.prefix}/ready"),
    *("-o", f"{sys.prefix}/ready-dev"),
)


@dataclass(frozen=True)
class MakeCommand:
    """One command, e.g. ``REVIEW=human make demo``."""

    text: str
    targets: tuple[str, ...]
    variables: dict[str, str]

    @classmethod
    def parsed(cls, text: str) -> MakeCommand:
        words = [word for word in shlex.split(text) if word != "make"]
        variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        targets = tuple(word for word in words if re.fullmatch(r"[a-z][a-z-]*", word))
        return cls(text, targets, variables)


def make_commands(path: Path) -> list[MakeCommand]:
    """Every command of make in a document, in code blocks and in the text."""
    shown = [line for block in code_blocks(path, "sh") for line in block.splitlines()]
    shown += [span for span in code_spans(path) if "\n" not in span]
    commands = (text.strip() for text in shown)
    return [MakeCommand.parsed(text) for text in commands if re.match(r"([A-Z]+=\S+ )*make ", text)]


def run_make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call make in the project's root; without the settings of a make that runs the tests."""
    ours = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", *INSTALLED, *arguments],
        cwd=ROOT,
        env=ours | environment,
        capture_output=True,
        text=True,
        timeout=300,  # only so that a command that hangs ends
    )
