"""`setup-aws` and `teardown-aws`: the account's part of the pipeline, made and removed."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from launcher.aws_blueprint import Names
from launcher.aws_clients import users_client
from launcher.aws_setup import Clients, set_up
from launcher.aws_teardown import tear_down
from launcher.errors import BadInput, RunFailed
from launcher.layout import Project


def set_up_account(
    project: Project, console: Console, bucket: str, prefix: str, clients: Clients = users_client
) -> None:
    """Make everything that is not there yet, and show what was done.

    Raises:
        BadInput: no bucket is named.
        RunFailed: AWS refused; what was made before stays, and the next call goes on from there.
    """
    _require(bucket)
    try:
        names = _names(clients, bucket, prefix)
        console.print(_table(f"Account {names.account}", set_up(project.policies, clients, names)))
    except (ClientError, BotoCoreError) as error:
        raise RunFailed(f"The account is not set up: {error}. Mend that and try again.") from error


def tear_down_account(
    console: Console, bucket: str, with_content: bool, clients: Clients = users_client
) -> None:
    """Remove everything that `set_up_account` makes, and show what was there.

    Raises:
        BadInput: no bucket is named, or it holds objects and `with_content` was not said.
        RunFailed: AWS refused.
    """
    _require(bucket)
    try:
        console.print(_table("Removed", tear_down(clients, bucket, with_content)))
    except (ClientError, BotoCoreError) as error:
        raise RunFailed(f"Not everything is removed: {error}. Mend that and try again.") from error


def _require(bucket: str) -> None:
    if not bucket:
        raise BadInput("Name the bucket of the workspace: BUCKET=<name>.")


def _names(clients: Clients, bucket: str, prefix: str) -> Names:
    sts = clients("sts")
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return Names(
        account=sts.get_caller_identity()["Account"],
        region=sts.meta.region_name,
        bucket=bucket,
        prefix=folder,
    )


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table("what", "", title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table
