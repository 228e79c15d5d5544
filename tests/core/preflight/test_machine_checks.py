"""What a studio's own machine must have, as arithmetic on what it says about itself."""

from __future__ import annotations

import re

import pytest

from storyboard_ops.core.preflight.machine_checks import machine_fault, needed_packages
from storyboard_ops.domain.training.machine_facts import MachineFacts
from storyboard_ops.gateways.training.model_files import base_models

KLEIN = base_models().find("flux2-klein-base-4b")
SMALL = base_models().find("small-flow")
GOOD = MachineFacts(
    host="atelier",
    missing_packages=(),
    free_gb=200,
    weights=(),
    torch="2.13.0",
    gpu="RTX 6000 Ada",
    gpu_gb=51,
    gpu_free_gb=50,
)


def fault(model=KLEIN, **other) -> str:
    return machine_fault(GOOD.model_copy(update=other), model, trains=True)


def test_a_machine_with_everything_has_no_fault():
    assert fault() == ""


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"missing_packages": ("peft",)}, "its Python lacks peft. Install requirements-trainer"),
        ({"gpu": ""}, "atelier has no GPU that a driver knows. Install the driver"),
        (
            {"gpu": "", "seen_by_driver": "RTX 6000 Ada, 470.82"},
            r"torch 2\.13\.0 cannot use its GPU \(RTX 6000 Ada, 470\.82\)",
        ),
        ({"gpu_gb": 8}, "RTX 6000 Ada has 8 GB, .* needs .* GB to be trained"),
        ({"gpu_free_gb": 2}, "of 51 GB of RTX 6000 Ada, 2 GB are free"),
        ({"free_gb": 3}, r"has 3\.0 GB free, and weights and checkpoints .* need .* GB"),
    ],
)
def test_each_fault_is_one_message_with_its_remedy(other, words):
    found = fault(**other)
    assert re.search(words, found), found


def test_weights_that_are_there_need_no_room():
    needed = KLEIN.weights_gb
    assert "Make room" in fault(free_gb=needed)
    assert fault(free_gb=needed, weights=KLEIN.files) == ""


def test_a_model_for_processors_needs_no_gpu_and_fewer_packages():
    assert fault(SMALL, gpu="", gpu_gb=0, gpu_free_gb=0) == ""
    assert set(needed_packages(SMALL)) < set(needed_packages(KLEIN))
