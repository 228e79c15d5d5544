"""Log to the terminal: one line per message, with signs in place of control characters."""

from __future__ import annotations

import logging

from storyboard_ops.core.text.visible import visible


class VisibleFormatter(logging.Formatter):
    """Formats a message as a terminal can show it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message as a terminal can show it: names in it come from outside."""
        return visible(super().format(record))


def log_to_terminal() -> None:
    """Print the messages of a command, and of its libraries from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(VisibleFormatter("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("botocore").setLevel(logging.WARNING)
