"""Removing by command."""

from __future__ import annotations

import pytest

from storyboard_ops.cli.remove import main


def test_the_command_tells_first_and_does_it_when_told(world, caplog):
    caplog.set_level("INFO")
    asked = ["--workspace", f"s3://{world.studio.bucket}", "--film", world.films["a"]]
    why = ["--reason", "the licence has ended", "--by", "dana"]
    assert main([*asked, *why], world.studio.client) == 0
    assert world.objects() == world.before
    assert "Nothing was changed; add --yes to remove it." in caplog.messages
    assert main([*asked, *why, "--yes"], world.studio.client) == 0
    assert "removed.json" in world.objects()
    assert any(": deleted " in message for message in caplog.messages)


@pytest.mark.logs_errors
def test_the_command_refuses_what_it_does_not_understand(world):
    why = ["--reason", "the licence has ended", "--by", "dana"]
    assert main(["--shot", "3", *why], world.studio.client) == 2
