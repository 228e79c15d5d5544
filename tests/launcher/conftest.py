"""Fixtures of the launcher's tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from launcher.interrupts import SIGNALS


@pytest.fixture
def stop_signals() -> Iterator[None]:
    """Put the handlers of the stop signals back after a test that installs others."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
