"""How long the containers of heavy tasks run at most."""

from __future__ import annotations

import pytest

from storyboard_ops.core.preflight.container_hours import container_usages, count_containers
from storyboard_ops.domain.money.container_time import ContainerSize
from storyboard_ops.domain.preflight.estimate_basis import ContainerPlan, EstimateBasis
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.run import parse_as
from storyboard_ops.gateways.money.pricing import cost_of
from tests.material import factories

SIZE = ContainerSize(vcpu=2, gb=8)
FRAMES = 5_400  # a film of 90 minutes, one frame a second


def seconds(frames: int = FRAMES, panels: int = 0, callers: int = 1, **params: object) -> float:
    """Billed seconds of a run that does not draw unless it says so."""
    basis = EstimateBasis(frames=frames, containers=ContainerPlan(size=SIZE, callers=callers))
    settings = factories.settings(**{"trainer": "dataset_only", **params})
    vcpu, gb = container_usages(settings, basis, panels)
    assert gb.amount == pytest.approx(vcpu.amount * 4)
    return vcpu.amount * 3600 / SIZE.vcpu


def test_a_run_without_fargate_buys_none():
    assert container_usages(factories.settings(), EstimateBasis(frames=FRAMES), 10) == ()


def test_a_film_has_two_containers_a_range_and_some_for_the_run():
    # Nine ranges of ten minutes and a short one, a crop of the film, and four tasks for all.
    assert count_containers(factories.settings(trainer="dataset_only"), FRAMES) == 20 + 1 + 4
    assert seconds() == pytest.approx(FRAMES * 2.0 + 25 * 180)


def test_tasks_that_share_the_rate_of_detectors_wait_for_each_other():
    assert seconds(callers=4) - seconds() == pytest.approx(FRAMES * 0.5 * 3)


def test_drawing_takes_an_hour_and_its_pictures_are_examined():
    drawn = seconds(panels=6, trainer="bedrock", candidates=3)
    assert drawn - seconds() == pytest.approx(3600 + 6 * 3 * 2.0 + 4 * 180)


def test_a_film_of_ninety_minutes_costs_less_than_a_dollar():
    basis = EstimateBasis(frames=FRAMES, containers=ContainerPlan(size=SIZE, callers=4))
    usd, unpriced = cost_of(container_usages(factories.settings(), basis, 24), "us-east-1")
    assert unpriced == () and 0.5 < usd < 1.0


def test_only_panels_that_are_drawn_again_count():
    basis = EstimateBasis(containers=ContainerPlan(size=SIZE))
    redraw = [{"panel_id": "a"}, {"panel_id": "b"}]
    given = {"workspace": "s3://studio", "from_run": "run-1", "candidates": 3}
    again = parse_as(DrawingSettings, {**given, "redraw": redraw})
    vcpu, _ = container_usages(again, basis, panels=100)
    assert vcpu.amount * 3600 / SIZE.vcpu == pytest.approx(3600 + 2 * 3 * 2.0 + 8 * 180)
    published = parse_as(DrawingSettings, given)
    vcpu, _ = container_usages(published, basis, panels=100)
    assert vcpu.amount * 3600 / SIZE.vcpu == pytest.approx(4 * 180)
