"""Reads the command line and turns every outcome into an exit code.

0 done · 1 it failed, and the message says where · 2 bad input, nothing was started ·
128 + signal stopped by Ctrl-C or a signal, with nothing left running
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from launcher import commands
from launcher.errors import LauncherError
from launcher.interrupts import Interrupted, Interrupts
from launcher.layout import PROJECT_ROOT, Project


def parser() -> argparse.ArgumentParser:
    """The command line; each command's default `action` is called with the arguments."""
    main_parser = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    main_parser.add_argument("--project", type=Path, default=PROJECT_ROOT, help="project root")
    adding = main_parser.add_subparsers(required=True, metavar="command")
    _add(adding, "demo", "the DAG on the sample film", lambda p, c, i, a: commands.demo(p, c, i))
    run = _add(
        adding,
        "run",
        "the DAG on your films",
        lambda p, c, i, a: commands.run(p, c, i, a.video, a.production, a.params),
    )
    run.add_argument("--video", required=True, help="files or S3 URIs, separated by commas")
    run.add_argument("--production", required=True, help="YAML file, its bundled name, or S3 URI")
    run.add_argument("--params", default="{}", help="DAG parameters as a JSON object")
    return main_parser


Action = Callable[[Project, Console, Interrupts, argparse.Namespace], None]


def _add(
    adding: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    action: Action,
) -> argparse.ArgumentParser:
    added = adding.add_parser(name, help=text, description=text)
    added.set_defaults(action=action)
    return added


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; its exit code."""
    given = parser().parse_args(arguments)
    console, interrupts = Console(), Interrupts()
    interrupts.install()
    try:
        given.action(Project(given.project.resolve()), console, interrupts, given)
    except LauncherError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return error.exit_code
    except Interrupted as stop:
        console.print(f"Stopped by {stop}; nothing is left running.")
        return stop.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
