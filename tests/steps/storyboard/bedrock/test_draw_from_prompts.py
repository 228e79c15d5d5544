"""Panels from prompts alone: each is bought once, fits its shape, and a filter leaves a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.storyboard.panel_seeds import panel_seeds
from storyboard_ops.domain.error_tree import BatchFailed, SettingsError, Throttled
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import BedrockPromptPainter
from storyboard_ops.steps.storyboard.drawn import asked_panels
from tests.material import factories
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio

SD35 = "stability.sd3-5-large-v1:0"
CORE = "stability.stable-image-core-v1:1"
NO_MODEL = TrainedModel(
    panels_from="prompts", job_arn="", job_name="", model_arn="", base_model_id=SD35, images_seen=0
)


@pytest.fixture(scope="module")
def own_studio(tmp_path_factory) -> Iterator[Studio]:
    with running_endpoint(tmp_path_factory.mktemp("prompts") / "data", FAST) as endpoint:
        yield Studio.opened(endpoint)


@pytest.fixture
def prompts(own_studio: Studio) -> Iterator[Studio]:
    """A bucket of its own; what is billed counts from here."""
    set_faults(own_studio)
    yield Studio.opened(own_studio.endpoint)
    set_faults(own_studio)


def set_faults(studio: Studio, *faults: dict[str, Any]) -> None:
    given = [{"operation": "InvokeModel", **fault} for fault in faults]
    studio.endpoint.admin("PUT", "faults", {"faults": given})


def billed(studio: Studio) -> float:
    """Pictures on the endpoint's bill."""
    lines = studio.endpoint.admin("GET", "bill")["lines"]
    return sum(line["quantity"] for line in lines if line["unit"] == "drawn_image")


def opened(studio: Studio, run_key: str = "run-1", **params: Any) -> ToolBox:
    """A run whose script has three panels: Mira's, Bram's and Pip's."""
    tools = studio.tools(run_key, panel_width=512, panel_height=320, **params)
    tools.write_record("production.json", factories.production())
    return tools


def draw(tools: ToolBox) -> tuple[Panel, ...]:
    painter = BedrockPromptPainter(tools)
    assert painter.draws_by_itself
    ref = painter.start(NO_MODEL, None)
    assert isinstance(ref, ManifestRef)
    return tools.manifests.read(ref, Panel, "panels").records


def booked(tools: ToolBox) -> dict[str, float]:
    return {usage.item: usage.amount for usage in tools.booked() if usage.amount}


def test_every_panel_is_drawn_in_its_shape_and_names_its_model(prompts):
    before, tools = billed(prompts), opened(prompts)
    panels = draw(tools)
    assert [panel.number for panel in panels] == [1, 2, 3]
    for panel in panels:
        picture = decode_rgb(tools.objects.get(S3Uri.parse(panel.uri)))
        assert picture.shape == (320, 512, 3)  # cut from 3:2, shrunk
        assert (panel.width, panel.height, panel.failure) == (512, 320, "")
        assert panel.source == "prompts"
        assert panel.model_arn == f"arn:aws:bedrock:us-west-2::foundation-model/{SD35}"
    assert [panel.seed for panel in panels] == [panel_seeds(7, one.panel_id)[0] for one in panels]
    assert len({panel.sha256 for panel in panels}) == 3
    assert booked(tools) == {SD35: 3}
    assert billed(prompts) - before == 3
    assert cost_of(tools.booked(), tools.region) == (0.24, ())


def test_a_panel_larger_than_the_picture_records_the_size_that_came(prompts):
    tools = opened(prompts)
    settings = tools.settings.model_copy(update={"panel_width": 1920, "panel_height": 1080})
    sizes = {(p.width, p.height) for p in draw(replace(tools, settings=settings))}
    assert sizes == {(1344, 756)}  # of 1344 x 768, nothing enlarged


def test_what_was_drawn_is_adopted_by_a_repeated_task_and_by_another_run(prompts):
    panels = draw(tools := opened(prompts))
    before = billed(prompts)
    assert draw(opened(prompts)) == panels  # cleared: the manifest is there
    assert booked(tools) == {SD35: 3}
    tools.objects.delete([tools.run_root / "storyboard/panels.jsonl"])
    again = opened(prompts)
    assert draw(again) == panels  # killed before the manifest
    assert booked(again) == {SD35: 3}
    other = opened(prompts, "run-2")
    copied = draw(other)
    assert [panel.sha256 for panel in copied] == [panel.sha256 for panel in panels]
    assert {panel.drawn_by for panel in copied} == {"run-1"}
    assert all(panel.uri.startswith(str(other.run_root)) for panel in copied)
    assert booked(other) == {}
    assert billed(prompts) == before


def test_what_decides_a_picture_makes_it_a_new_purchase(prompts):
    draw(opened(prompts))
    before = billed(prompts)
    draw(opened(prompts, seed=8))
    assert billed(prompts) - before == 3
    draw(opened(prompts, prompt_model_id=CORE))
    assert billed(prompts) - before == 6
    draw(opened(prompts, prompt_model_id=CORE, cfg_scale=9.0))  # Canvas's alone
    assert billed(prompts) - before == 6


def test_seed_0_is_replaced_because_it_would_leave_the_picture_to_chance(prompts, monkeypatch):
    monkeypatch.setattr(asked_panels, "panel_seeds", lambda seed, panel_id, count: [0])
    assert {panel.seed for panel in draw(opened(prompts))} == {4_294_967_294}


def test_a_filtered_panel_leaves_a_gap_with_the_reason_and_costs_nothing(prompts):
    before, tools = billed(prompts), opened(prompts)
    set_faults(prompts, {"kind": "filter", "times": 1})
    panels = draw(tools)
    (gap,) = [panel for panel in panels if panel.failure]
    assert gap.failure == (
        "The model drew no picture: 'Filter reason: output image'. Change the description of the "
        "panel."
    )
    assert (gap.uri, gap.prompt != "") == ("", True)
    assert booked(tools) == {SD35: 2}
    assert billed(prompts) - before == 2


def test_too_many_filtered_panels_stop_the_task_and_the_others_stay_paid(prompts):
    tools = opened(prompts)
    set_faults(prompts, {"kind": "filter", "times": 2})
    with pytest.raises(BatchFailed, match="2 of 3 panels could not be drawn"):
        draw(tools)
    assert booked(tools) == {SD35: 1}
    again = opened(prompts)
    assert not any(panel.failure for panel in draw(again))
    assert booked(again) == {SD35: 3}


def test_throttling_is_waited_for_and_bought_once(prompts):
    before, tools = billed(prompts), opened(prompts)
    set_faults(prompts, {"kind": "error", "code": "ThrottlingException", "times": 2})
    assert not any(panel.failure for panel in draw(tools))
    assert billed(prompts) - before == 3


def test_throttling_that_does_not_end_fails_the_task_and_no_panel(prompts):
    impatient = prompts.endpoint.in_region("us-west-2").client("bedrock-runtime")

    def clients(service: str, region: str | None = None) -> Any:
        return impatient if region else prompts.client(service)

    set_faults(prompts, {"kind": "error", "code": "ThrottlingException"})
    with pytest.raises(Throttled):
        draw(replace(opened(prompts), clients=clients))
    set_faults(prompts)
    assert not any(panel.failure for panel in draw(opened(prompts)))


def test_an_unknown_model_is_refused_before_a_call(prompts):
    with pytest.raises(SettingsError, match=r"limits of stability\.x are not known.*sd3-5-large"):
        draw(opened(prompts, prompt_model_id="stability.x"))
