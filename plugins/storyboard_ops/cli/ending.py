"""How a command for a terminal ends after an error: one message and an exit status, no trace."""

from __future__ import annotations

import logging
from collections.abc import Callable

from storyboard_ops.domain.error_tree import BadInput, StoryboardError

log = logging.getLogger(__name__)

DONE, FAILED, UNUSABLE_INPUT = 0, 1, 2  # exit statuses


def end(command: Callable[[], None]) -> int:
    """Run a command; log the message of an error, and return the exit status.

    UNUSABLE_INPUT: the input has to be corrected; nothing was done.
    """
    try:
        command()
    except BadInput as error:
        log.error("%s", error)
        return UNUSABLE_INPUT
    except StoryboardError as error:
        log.error("%s", error)
        return FAILED
    except OSError as error:
        what = error.filename or "A file of this machine"
        log.error(
            "%s cannot be used: %s. Correct it, and try again.", what, error.strerror or error
        )
        return FAILED
    return DONE
