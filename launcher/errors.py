"""Everything that can end a command, each with the exit code that the shell sees.

LauncherError
├── UsageError       2  an argument is wrong; found before anything started
├── StateInUse       2  another launcher holds the lock of the state folder
├── ComponentFailed  1  a supervised process died, or stopped sending its heartbeat
├── StartFailed      1  the stack did not become healthy in time, or Airflow cannot import the DAG
└── RunFailed        1  the DAG run ended in failure, or a check refused it

A message is complete by itself: it names the object, what was expected and what to do next.
"""

from __future__ import annotations


class LauncherError(Exception):
    """Ends the command with `exit_code` after showing its message and nothing else."""

    exit_code = 1


class UsageError(LauncherError):
    """An argument names something that is missing, unreadable or out of bounds."""

    exit_code = 2


class StateInUse(LauncherError):
    """Another launcher runs on the same state folder."""

    exit_code = 2


class ComponentFailed(LauncherError):
    """A supervised process ended by itself, or is alive but no longer healthy."""


class StartFailed(LauncherError):
    """A component did not become ready in time, or Airflow cannot import the DAG."""


class RunFailed(LauncherError):
    """The DAG run ended in another state than success, or would be refused."""
