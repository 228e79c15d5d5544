"""Stop signals, delivered where the code is ready for them."""

from __future__ import annotations

import os
import signal

import pytest

from launcher.processes.interrupts import Interrupted, Interrupts


@pytest.mark.usefixtures("stop_signals")
def test_a_signal_is_recorded_until_the_next_check() -> None:
    interrupts = Interrupts()
    interrupts.install()
    interrupts.check()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Interrupted) as caught:
        interrupts.check()
    assert caught.value.exit_code == 128 + signal.SIGTERM
    interrupts.reset()
    interrupts.check()


@pytest.mark.usefixtures("stop_signals")
def test_a_second_signal_raises_at_once() -> None:
    interrupts = Interrupts()
    interrupts.install()
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Interrupted):
        os.kill(os.getpid(), signal.SIGINT)
