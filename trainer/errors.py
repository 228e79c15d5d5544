"""How a job ends other than by finishing."""

from __future__ import annotations

import errno
import os


class JobFailed(Exception):
    """A job cannot go on; the message says what happened, what is allowed and what to do next."""


class Interrupted(Exception):
    """The machine asked the job to stop. What is needed to go on has been saved."""


#: The disk, the user's share of it, or the size that a file may have.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: What libraries that lose the number say instead; the last one is torch's writer.
FULL_WORDS = (*(os.strerror(number) for number in FULL), "inline_container.cc")


def explain(error: BaseException) -> str:
    """Return one clear message for any error of a job."""
    if isinstance(error, JobFailed):
        return str(error)
    if any(words in str(error) for words in FULL_WORDS):
        return (
            "The disk is full. The last checkpoint is kept. Give the job a larger volume, then "
            f"start it again. ({error})"
        )
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            "The memory of the machine or of its GPU is exhausted. The last checkpoint is kept. "
            "Lower resolution or batch_size, or take a machine with more memory."
        )
    return f"Unexpected {type(error).__name__}: {error}"
