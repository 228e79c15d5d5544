"""How a command ends after an error that is not the launcher's own: in one place, by one message.

No trace reaches a person. That of an error which nobody expected is written to a file.
"""

from __future__ import annotations

import errno
import tempfile
import traceback
from pathlib import Path

import requests

from launcher.aws.login import AWS_ERRORS, explain
from launcher.errors import LauncherError, RunFailed, UsageError
from launcher.product import BadInput, ProductError
from launcher.state.layout import Project
from launcher.state.private_files import write_private

TRACE = "launcher-error.log"
FULL = (errno.ENOSPC, errno.EDQUOT)


def ending(project: Project, error: Exception) -> LauncherError:
    """Return the error to show to a person instead of `error`."""
    if isinstance(error, LauncherError):
        return error
    if isinstance(error, BadInput):
        return UsageError(str(error))
    if isinstance(error, ProductError):
        return RunFailed(str(error))
    if isinstance(error, AWS_ERRORS):
        return RunFailed(explain(error))
    if isinstance(error, requests.RequestException):
        return RunFailed(
            f"Airflow did not answer as expected: {error}. Its logs are in {project.states}/*/logs."
        )
    if isinstance(error, OSError):
        return RunFailed(_explain_file(error))
    return RunFailed(_explain_unexpected(project, error))


def _explain_file(error: OSError) -> str:
    what = error.filename or "A file of this machine"
    if error.errno in FULL:
        return f"{what} cannot be written: the disk is full. Make room, and run the command again."
    reason = error.strerror or str(error)
    return (
        f"{what} cannot be used: {reason}. Correct the path or its permissions, and run the "
        "command again."
    )


def _explain_unexpected(project: Project, error: Exception) -> str:
    path = project.states / TRACE
    trace = "".join(traceback.format_exception(error))
    try:
        write_private(path, trace)
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="storyboard-")) / TRACE
        write_private(path, trace)
    return (
        f"A fault of this program, not of your input: {type(error).__name__}: {error}. Its trace "
        f"is in {path}; report it with that file."
    )
