"""Logins that do not work, full disks and closed folders are found before anything starts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher.state.room import LEAST_FREE
from tests.launcher.mistakes.command_lines import GOOD, WHO, WORKSPACE, Read, run
from tests.studio.studio_fixture import Studio

#: What AWS commands say about the login, by what is wrong with it.
LOGINS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "none": ({"AWS_ACCESS_KEY_ID": ""}, ("No AWS credentials were found", "aws sso login")),
    "a profile that is not there": (
        {"AWS_PROFILE": "studoi"},
        ("The AWS profile 'studoi' does not exist", "Did you mean 'studio'?", "Known are: studio"),
    ),
    "keys of nobody": (
        {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"},
        ("AWS does not accept the login", "check AWS_PROFILE and the clock"),
    ),
    "no region": ({"AWS_DEFAULT_REGION": ""}, ("No AWS region is set", "AWS_REGION=us-east-1")),
    "an endpoint that is not there": (
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"},
        ("Could not connect", "http://127.0.0.1:9", "Check network, region and endpoint"),
    ),
    "a configuration that cannot be read": (
        {"AWS_CONFIG_FILE": "bad.ini"},
        ("The AWS configuration cannot be read", "bad.ini", "Correct the file"),
    ),
}
COMMANDS = {
    "run": run("--target", "aws", "--params", WORKSPACE),
    "preflight": ("preflight", "--target", "aws", "--params", WORKSPACE),
    "release": ("release", "--target", "aws"),
    "remove": ("remove", "--target", "aws", "--", "--film", "s3://films/a.mp4", *WHO),
    "diff": ("diff", "--target", "aws", "--", "a", "b"),
    "results": ("results", "run-1", "--target", "aws"),
    "setup-aws": ("setup-aws", "--bucket", "films-of-ours"),
    "teardown-aws": ("teardown-aws", "--bucket", "films-of-ours"),
}

EACH_LOGIN_AND_EACH_COMMAND = sorted(
    {(login, "preflight") for login in LOGINS} | {("none", command) for command in COMMANDS}
)


@pytest.fixture
def aws_files(folder: Path, account: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS configuration of a person with one profile."""
    (folder / "config.ini").write_text("[profile studio]\nregion = us-east-1\n")
    (folder / "bad.ini").write_text("[default]\nregion\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config.ini"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "none.ini"))


@pytest.mark.usefixtures("aws_files")
@pytest.mark.parametrize(("login", "command"), EACH_LOGIN_AND_EACH_COMMAND)
def test_a_login_that_does_not_work_is_found_first(
    login: str,
    command: str,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variables, expected = LOGINS[login]
    for name, value in variables.items():
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    status, text = read(*COMMANDS[command])
    assert all(words in text for words in expected), text
    assert "Nothing was started." in text
    assert status == 2


def test_an_expired_login_is_found_first(account: Studio, read: Read) -> None:
    expired = {"kind": "error", "service": "sts", "operation": "*", "code": "ExpiredToken"}
    account.endpoint.admin("PUT", "faults", {"faults": [expired]})
    try:
        status, text = read(*COMMANDS["preflight"])
    finally:
        account.endpoint.admin("DELETE", "faults")
    assert status == 2
    assert "AWS does not accept the login" in text
    assert "ExpiredToken" in text
    assert "Log in again with `aws sso login`" in text


#: Commands that write, and the first folder that they write into.
WRITERS = {
    "demo": (("demo",), "out"),
    "run": (run(), "out"),
    "up": (("up",), "out"),
    "preflight": (("preflight", *GOOD), ".airflow"),
    "results": (("results", "run-1"), "out"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_found_first(
    name: str,
    folder: Path,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command, first = WRITERS[name]
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=LEAST_FREE // 2))
    status, text = read(*command)
    assert f"{folder}/{first} has 0.5 GB of free space, and a run needs at least 1.0 GB" in text
    assert status == 2


FOLDERS = [*((name, place) for name, (_, place) in WRITERS.items()), ("run", ".airflow")]


@pytest.mark.parametrize(("name", "place"), FOLDERS)
def test_a_folder_that_cannot_be_written_is_found_first(
    name: str, place: str, folder: Path, read: Read
) -> None:
    (folder / place).symlink_to("/proc/self")  # not even root may write there
    status, text = read(*WRITERS[name][0])
    assert f"{folder}/{place}" in text
    assert "Correct the path or its permissions" in text or "cannot be written" in text
    assert status == 2
