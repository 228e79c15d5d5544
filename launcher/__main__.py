"""Runs the storyboard pipeline on one machine.

exit codes: 0 done; 1 it failed, and the message says where; 2 bad input or no
login, nothing was started; 128 + signal: stopped by Ctrl-C or a signal, and
nothing is left running
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from rich.console import Console

from launcher import product
from launcher.aws.blueprint import Workers
from launcher.aws.local_account import STUDIO_WORKSPACE
from launcher.commands.account import set_up_account, tear_down_account
from launcher.commands.accounts import ACCOUNTS
from launcher.commands.background import down, status, up
from launcher.commands.endings import ending
from launcher.commands.pipeline import RUNS, demo
from launcher.commands.preflight import preflight
from launcher.commands.product_commands import ProductCommand, run_command
from launcher.commands.production import check_production, make_production
from launcher.commands.release import release
from launcher.commands.results import fetch_results
from launcher.commands.serve import serve
from launcher.context import Context
from launcher.processes.interrupts import Interrupted, Interrupts
from launcher.runs.inputs import Arguments
from launcher.state.layout import PROJECT_ROOT, Project
from launcher.state.private_files import UMASK
from launcher.terminal import print_text

Action = Callable[[Context, argparse.Namespace], None]
if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def build_parser() -> argparse.ArgumentParser:
    """Build the command line; each command sets an `action`, called with its arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m launcher",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--project", type=Path, default=PROJECT_ROOT, help="project root")
    commands = parser.add_subparsers(required=True, metavar="command")
    sample = _add(
        commands, "demo", "run the DAG on the sample film", lambda c, a: demo(c, a.trainer)
    )
    sample.add_argument("--trainer", default="", help="the parameter trainer of the DAG")
    _add_run(commands)
    _add_preflight(commands)
    _add_production(commands)
    _add_target(
        _add(commands, "release", "release expired leases", lambda c, a: release(c, a.target))
    )
    _add_product_command(
        commands, "remove", "remove a film, a shot or a character everywhere", product.remove
    )
    _add_product_command(
        commands, "diff", "show what changed between the datasets of two runs", product.diff
    )
    _add_results(commands)
    _add_account_commands(commands)
    _add(commands, "up", "start Airflow and the endpoint in the background", lambda c, a: up(c))
    _add(commands, "serve", "own that stack; `up` starts this", lambda c, a: serve(c))
    _add(commands, "down", "stop what `up` started", lambda c, a: down(c))
    _add(commands, "status", "show what `up` started", lambda c, a: status(c))
    return parser


def _add(commands: Commands, name: str, text: str, action: Action) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(action=action)
    return command


def _add_target(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--target", choices=ACCOUNTS, default="local", help="whose AWS account is used"
    )


def _add_params(command: argparse.ArgumentParser) -> None:
    command.add_argument("--params", default="{}", help="DAG parameters as a JSON object")


def _add_run(commands: Commands) -> None:
    def action(context: Context, given: argparse.Namespace) -> None:
        arguments = Arguments(given.video, given.production, given.params, given.yes)
        RUNS[given.target](context, arguments)

    command = _add(commands, "run", "run the DAG on your films", action)
    command.add_argument("--video", required=True, help="files or S3 URIs, separated by commas")
    command.add_argument(
        "--production", required=True, help="YAML file, its bundled name, or S3 URI"
    )
    _add_params(command)
    _add_target(command)
    command.add_argument("--yes", action="store_true", help="accept the cost in advance (aws)")


def _add_preflight(commands: Commands) -> None:
    def action(context: Context, given: argparse.Namespace) -> None:
        arguments = Arguments(given.video, given.production, given.params)
        preflight(context, arguments, given.target)

    command = _add(commands, "preflight", "check a run without starting it", action)
    command.add_argument("--video", default="", help="files or S3 URIs, separated by commas")
    command.add_argument("--production", default="", help="YAML file, its bundled name, or S3 URI")
    _add_params(command)
    _add_target(command)


def _add_production(commands: Commands) -> None:
    def action(context: Context, given: argparse.Namespace) -> None:
        if given.check:
            check_production(context, given.check)
        else:
            make_production(context, given.video, given.out)

    command = _add(commands, "production", "make a production file from your films", action)
    command.add_argument("--video", default="", help="files, separated by commas")
    command.add_argument("--out", default="", help="its folder, by default productions/<film>")
    command.add_argument("--check", default="", metavar="YAML", help="check one instead")


def _add_product_command(commands: Commands, name: str, text: str, command: ProductCommand) -> None:
    def action(context: Context, given: argparse.Namespace) -> None:
        run_command(context, command, given.arguments, given.target)

    added = _add(commands, name, text, action)
    _add_target(added)
    added.add_argument("arguments", nargs="*", help="after --; `-- --help` lists them")


def _add_results(commands: Commands) -> None:
    def action(context: Context, given: argparse.Namespace) -> None:
        fetch_results(context, given.run, given.workspace, given.target)

    command = _add(commands, "results", "download the results of a run that has ended", action)
    command.add_argument("run", help="its id as Airflow shows it, or its folder in runs/")
    command.add_argument("--workspace", default=STUDIO_WORKSPACE, help="s3://bucket/prefix")
    _add_target(command)


def _add_account_commands(commands: Commands) -> None:
    setup = _add(
        commands,
        "setup-aws",
        "create roles, bucket and queues",
        lambda c, a: set_up_account(c, a.bucket, a.prefix, workers=a.workers, key=a.kms_key),
    )
    setup.add_argument("--bucket", required=True, help="the bucket of the workspace")
    setup.add_argument("--prefix", default="", help="the prefix of the workspace in the bucket")
    setup.add_argument(
        "--workers",
        choices=get_args(Workers),
        default="account",
        help="who may assume the workers' role: what the account allows, tasks of ECS, or both",
    )
    setup.add_argument(
        "--kms-key", default="", help="ARN of a KMS key for the bucket; else its own one is kept"
    )
    teardown = _add(
        commands,
        "teardown-aws",
        "remove what setup-aws creates",
        lambda c, a: tear_down_account(c, a.bucket, a.with_content),
    )
    teardown.add_argument("--bucket", required=True, help="the bucket of the workspace")
    teardown.add_argument("--with-content", action="store_true", help="delete its objects too")


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return its exit code."""
    os.umask(UMASK)
    given = build_parser().parse_args(arguments)
    console, interrupts = Console(), Interrupts()
    project = Project(given.project.resolve())
    interrupts.install()
    try:
        given.action(Context(project, console, interrupts), given)
    except Interrupted as stop:
        print_text(console, f"Stopped by {stop}; nothing is left running.")
        return stop.exit_code
    except Exception as error:  # noqa: BLE001  # whatever it is, a person gets one message
        end = ending(project, error)
        print_text(console, str(end), style="red")
        return end.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
