"""What another user of this machine could see and do; needs root, which may become anybody."""

import http.client
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

NOBODY = 65534

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

can_become_another_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can")


def as_another_user(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Return what `function` returns in a process of a user without any rights.

    The process is forked, because that user may not be able to read the interpreter.
    """
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=fork, initializer=_become_nobody) as pool:
        return pool.submit(function, *args, **kwargs).result(timeout=60)


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def readable_paths(paths: list[Path]) -> list[str]:
    """Return the files that this process can read and the folders that it can list."""
    found = []
    for path in paths:
        try:
            if path.is_dir():
                list(path.iterdir())
            else:
                path.read_bytes()
        except OSError:
            continue
        found.append(str(path))
    return found


def open_paths(folder: Path) -> list[str]:
    """Return `folder` and what is below it if its mode gives others any right, links left out."""
    paths = [folder, *folder.rglob("*")]
    modes = [(path, path.lstat().st_mode) for path in paths if not path.is_symlink()]
    return [f"{path} {mode & 0o777:o}" for path, mode in modes if mode & 0o077]


def statuses(port: int, requests: list[tuple[str, str, dict[str, str]]]) -> list[int]:
    """Return the status of each request (method, path, headers) to a loopback port."""
    answers = []
    for method, path, headers in requests:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(method, path, headers=headers)
        answers.append(connection.getresponse().status)
        connection.close()
    return answers
