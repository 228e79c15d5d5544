"""`setup-aws` and `teardown-aws`: create and remove the pipeline's part of an AWS account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table

from launcher.aws.blueprint import Names
from launcher.aws.clients import users_client
from launcher.aws.setup import set_up
from launcher.aws.teardown import tear_down
from launcher.context import Context
from launcher.errors import RunFailed, UsageError
from launcher.product import Clients


def set_up_account(
    context: Context, bucket: str, prefix: str, clients: Clients = users_client
) -> None:
    """Create everything that does not exist yet, and print what was done.

    Raises:
        UsageError: no bucket is named.
        RunFailed: AWS refused; what exists by then stays, and the next call continues from there.
    """
    _require(bucket)
    with _aws_errors("The account is not set up completely"):
        names = _read_names(clients, bucket, prefix)
        changes = set_up(context.project.policies, clients, names)
        context.console.print(_build_table(f"Account {names.account}", changes))


def tear_down_account(
    context: Context, bucket: str, with_content: bool, clients: Clients = users_client
) -> None:
    """Remove everything that `set_up_account` creates, and print what existed.

    Raises:
        UsageError: no bucket is named, or it holds objects and `with_content` is false.
        RunFailed: AWS refused.
    """
    _require(bucket)
    with _aws_errors("Not everything is removed"):
        removals = tear_down(clients, bucket, with_content)
        context.console.print(_build_table("Removed", removals))


def _require(bucket: str) -> None:
    if not bucket:
        raise UsageError("Name the bucket of the workspace: BUCKET=<name>.")


@contextmanager
def _aws_errors(outcome: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise RunFailed(f"{outcome}: {error}. Fix the cause and run the command again.") from error


def _read_names(clients: Clients, bucket: str, prefix: str) -> Names:
    sts = clients("sts")
    folder = prefix.strip("/")
    return Names(
        account=sts.get_caller_identity()["Account"],
        region=sts.meta.region_name,
        bucket=bucket,
        prefix=f"{folder}/" if folder else "",
    )


def _build_table(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table("what", "", title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table
