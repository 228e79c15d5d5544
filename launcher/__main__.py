"""Reads the command line and turns every outcome into an exit code.

0 done · 1 it failed, and the message says where · 2 bad input, nothing was started ·
128 + signal stopped by Ctrl-C or a signal, with nothing left running
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from launcher import aws_account, background, commands, material, preflight, release
from launcher.errors import LauncherError
from launcher.interrupts import Interrupted, Interrupts
from launcher.layout import PROJECT_ROOT, Project
from launcher.product import Clients

Action = Callable[[Project, Console, Interrupts, argparse.Namespace], None]
if TYPE_CHECKING:
    Adding = argparse._SubParsersAction[argparse.ArgumentParser]

TARGETS = {"local": commands.run_locally, "aws": commands.run_on_aws}
CHECKS = {"local": preflight.check_locally, "aws": preflight.check_on_aws}
RELEASES = {"local": release.release_locally, "aws": release.release_on_aws}


def parser() -> argparse.ArgumentParser:
    """The command line; each command's `action` is called with the arguments."""
    made = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    made.add_argument("--project", type=Path, default=PROJECT_ROOT, help="project root")
    adding = made.add_subparsers(required=True, metavar="command")
    _add(adding, "demo", "the DAG on the sample film", lambda p, c, i, a: commands.demo(p, c, i))
    run = _add(adding, "run", "the DAG on your films", _run)
    run.add_argument("--video", required=True, help="files or S3 URIs, separated by commas")
    run.add_argument("--production", required=True, help="YAML file, its bundled name, or S3 URI")
    run.add_argument("--params", default="{}", help="DAG parameters as a JSON object")
    run.add_argument("--target", choices=TARGETS, default="local", help="whose AWS is used")
    run.add_argument("--yes", action="store_true", help="agree to the cost beforehand (aws)")
    check = _add(adding, "preflight", "every check before money, alone", _preflight)
    check.add_argument("--video", default="", help="files or S3 URIs, separated by commas")
    check.add_argument("--production", default="paper-lantern", help="as of `run`")
    check.add_argument("--params", default="{}", help="DAG parameters as a JSON object")
    check.add_argument("--target", choices=CHECKS, default="local", help="whose AWS is asked")
    end = _add(adding, "release", "end what is past its lease in the account", _release)
    end.add_argument("--target", choices=RELEASES, default="local", help="whose AWS is swept")
    _add_material(adding, "remove", "a film, a shot or a person out of everything", material.remove)
    _add_material(adding, "diff", "what changed between the datasets of two runs", material.diff)
    setup = _add(adding, "setup-aws", "make roles, bucket and queues", _set_up_account)
    setup.add_argument("--bucket", required=True, help="the bucket of the workspace")
    setup.add_argument("--prefix", default="", help="the workspace's prefix in it")
    teardown = _add(adding, "teardown-aws", "remove what setup-aws made", _tear_down_account)
    teardown.add_argument("--bucket", required=True, help="the bucket of the workspace")
    teardown.add_argument("--with-content", action="store_true", help="delete what is in it too")
    _add(adding, "up", "run in the background", lambda p, c, i, a: background.up(p, c, i))
    _add(adding, "serve", "what `up` starts", lambda p, c, i, a: background.serve(p, c, i))
    _add(adding, "down", "end what `up` started", lambda p, c, i, a: background.down(p, c))
    _add(adding, "status", "what `up` started", lambda p, c, i, a: background.status(p, c))
    return made


def _add(adding: Adding, name: str, text: str, action: Action) -> argparse.ArgumentParser:
    added = adding.add_parser(name, help=text, description=text)
    added.set_defaults(action=action)
    return added


def _add_material(
    adding: Adding, name: str, text: str, command: Callable[[Sequence[str], Clients], int]
) -> None:
    def action(
        project: Project, console: Console, interrupts: Interrupts, given: argparse.Namespace
    ) -> None:
        material.carry_out(command, given.arguments, given.target, project, interrupts)

    added = _add(adding, name, text, action)
    added.add_argument("--target", choices=material.ACCOUNTS, default="local", help="whose AWS")
    added.add_argument("arguments", nargs="*", help="behind --: its own; `-- --help` lists them")


def _run(
    project: Project, console: Console, interrupts: Interrupts, given: argparse.Namespace
) -> None:
    inputs = commands.Inputs(given.video, given.production, given.params, given.yes)
    TARGETS[given.target](project, console, interrupts, inputs)


def _preflight(
    project: Project, console: Console, interrupts: Interrupts, given: argparse.Namespace
) -> None:
    inputs = preflight.PreflightInputs(given.video, given.production, given.params)
    CHECKS[given.target](project, console, interrupts, inputs)


def _release(
    project: Project, console: Console, interrupts: Interrupts, given: argparse.Namespace
) -> None:
    RELEASES[given.target](project, console, interrupts)


def _set_up_account(
    project: Project, console: Console, interrupts: Interrupts, given: argparse.Namespace
) -> None:
    aws_account.set_up_account(project, console, given.bucket, given.prefix)


def _tear_down_account(
    project: Project, console: Console, interrupts: Interrupts, given: argparse.Namespace
) -> None:
    aws_account.tear_down_account(console, given.bucket, given.with_content)


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; its exit code."""
    given = parser().parse_args(arguments)
    console, interrupts = Console(), Interrupts()
    interrupts.install()
    try:
        given.action(Project(given.project.resolve()), console, interrupts, given)
    except LauncherError as error:
        if message := str(error):
            console.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
        return error.exit_code
    except Interrupted as stop:
        console.print(f"Stopped by {stop}; nothing is left running.")
        return stop.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
