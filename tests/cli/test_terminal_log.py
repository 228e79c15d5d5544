"""What a command of the product prints about names that come from outside."""

from __future__ import annotations

import logging

import pytest

from storyboard_ops.cli import terminal_log
from storyboard_ops.core.text.visible import visible
from tests.material.hostile_texts import SHORT


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_a_message_cannot_control_the_terminal(text: str) -> None:
    record = logging.LogRecord("cli", logging.INFO, "", 0, "film %s: deleted", (text,), None)
    assert terminal_log.VisibleFormatter("%(message)s").format(record) == (
        f"film {visible(text)}: deleted"
    )
