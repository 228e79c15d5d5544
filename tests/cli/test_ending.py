"""A command by itself ends with one message, also when the login or a file is at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard_ops.cli import diff, remove

WHY = ("--reason", "the licence has ended", "--by", "dana")
COMMANDS = {
    "diff": (diff.main, ("a", "b")),
    "remove": (remove.main, ("--film", "s3://films/a.mp4", *WHY)),
}


@pytest.mark.logs_errors
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "Unable to locate credentials"),
    ],
)
def test_a_login_that_does_not_work(
    name: str,
    variables: dict[str, str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "none.ini"))
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    command, arguments = COMMANDS[name]
    assert command(list(arguments)) == 1
    assert words in caplog.text
    assert "Traceback" not in caplog.text
