"""`setup-aws` and `teardown-aws`: create and remove the pipeline's part of an AWS account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table

from launcher.aws import blueprint
from launcher.aws.blueprint import Names, Workers
from launcher.aws.bucket_key import choose_key
from launcher.aws.clients import users_client
from launcher.aws.login import check_login
from launcher.aws.setup import read_names, set_up
from launcher.aws.teardown import tear_down
from launcher.context import Context
from launcher.errors import RunFailed, UsageError
from launcher.product import Clients, Workspace, is_configured
from launcher.terminal import add_row, make_table

#: Those who deploy decide what may use the account's money, so no command writes this file.
NOT_CONFIGURED = """\
Runs may not use the workspace yet. Add it to include/deployment.yaml, under workspaces:

  {workspace}:
    uploads: # leave this out, and an upload starts no run
      params: {{budget_usd: 100}} # of every run that an upload starts
"""

KEY_POLICY = """\
The bucket is encrypted with {key}, and the roles have rights on it. If the key is of another
account, or its policy does not leave the decision to IAM by a statement for
arn:{partition}:iam::{account}:root, add these statements to the policy of the key:

{statements}
"""


def set_up_account(
    context: Context,
    bucket: str,
    prefix: str,
    clients: Clients = users_client,
    workers: Workers = "account",
    key: str = "",
) -> None:
    """Create everything that does not exist yet, and print what was done and what is left to do.

    `key` is the ARN of the KMS key for the bucket; without it, the bucket's own one is kept.

    Raises:
        UsageError: no bucket is named, a name contains what policies take for a wildcard, or the
            key cannot encrypt the bucket.
        RunFailed: AWS refused; what exists by then stays, and the next call continues from there.
    """
    _require(bucket)
    folder = _normal_prefix(prefix)
    check_login(clients)
    with _aws_errors("The account is not set up completely"):
        account = read_names(clients("sts"), bucket, folder)
        names = replace(account, key=choose_key(clients, account, key))
        applied = list(set_up(context.project.policies, clients, names, workers))
    rows = ((each.name, each.change) for each in applied)
    context.console.print(_build_table(f"Account {names.account}", rows))
    for each in applied:
        if each.remark:
            context.print_line(each.remark)
    workspace = Workspace.at(f"s3://{names.bucket}/{names.prefix}")
    if not is_configured(workspace):
        context.print_line(NOT_CONFIGURED.format(workspace=workspace.root))
    if names.key:
        context.print_line(_describe_key_policy(context.project.policies, names))


def _describe_key_policy(policies: Path, names: Names) -> str:
    statements = blueprint.read_policy(policies, names, "key-policy")["Statement"]
    return KEY_POLICY.format(
        key=names.key,
        partition=names.partition,
        account=names.account,
        statements=json.dumps(statements, indent=2),
    )


def tear_down_account(
    context: Context, bucket: str, with_content: bool, clients: Clients = users_client
) -> None:
    """Remove everything that `set_up_account` creates, and print what existed.

    Raises:
        UsageError: no bucket is named, or it holds objects and `with_content` is false.
        RunFailed: AWS refused.
    """
    _require(bucket)
    check_login(clients)
    with _aws_errors("Not everything is removed"):
        removals = tear_down(clients, bucket, with_content)
        context.console.print(_build_table("Removed", removals))


def _require(bucket: str) -> None:
    if not bucket:
        raise UsageError("Name the bucket of the workspace: BUCKET=<name>.")
    if not re.fullmatch(blueprint.BUCKET_PATTERN, bucket):
        raise UsageError(
            f"{bucket!r} is not the name of a bucket: 3 to 63 lower-case letters, digits, hyphens "
            "and dots."
        )


def _normal_prefix(prefix: str) -> str:
    """Return the prefix without slashes in front and with one at the end, or the empty text."""
    folder = prefix.strip("/")
    normal = f"{folder}/" if folder else ""
    if not re.fullmatch(blueprint.PREFIX_PATTERN, normal):
        raise UsageError(
            f"The prefix {prefix!r} cannot be used in policies: write folders of letters, digits "
            "and _ . = - only, separated by single slashes, as in PREFIX=team/films."
        )
    return normal


@contextmanager
def _aws_errors(outcome: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise RunFailed(f"{outcome}: {error}. Fix the cause and run the command again.") from error


def _build_table(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = make_table(("what", ""), title=title)
    for row in rows:
        add_row(table, *row)
    return table
