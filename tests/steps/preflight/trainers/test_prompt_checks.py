"""Panels from prompts before anything is paid: the model, its price, the prompts and the rights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.domain.preflight.estimate_basis import RequestTokens
from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.gateways.models.limits_file import limits_table
from storyboard_ops.gateways.money.pricing import PRICES_VARIABLE, cost_of
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.trainers.prompt_checks import prompt_checks
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock import draw_from_prompts
from tests.material import factories
from tests.studio.assumed_roles import assume, make_role
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.iam_rights import Account, allows
from tests.studio.studio_fixture import Studio

SD35 = "stability.sd3-5-large-v1:0"
BEFORE_ITS_START = "2024-12-18"


def answer(tools: ToolBox, name: str) -> Check:
    return run_check(name, dict(prompt_checks(tools))[name], tools)


def test_a_model_of_another_region_is_called_there_and_the_report_says_so(studio):
    found = answer(studio.tools(), "prompt model")
    assert found.state == "warn"
    assert found.finding == (
        f"{SD35} is active in us-west-2; it does not know the characters. The descriptions of the "
        "panels are sent there from us-east-1."
    )


def test_an_unknown_model_is_refused_with_the_known_ones_and_nothing_else_is_asked(studio):
    tools = studio.tools(prompt_model_id="amazon.nova-canvas-v1:0")
    assert [name for name, _ in prompt_checks(tools)] == ["prompt model"]
    found = answer(tools, "prompt model")
    assert (found.state, "stability.stable-image-core-v1:1" in found.finding) == ("fail", True)


@pytest.fixture(scope="module")
def early_studio(tmp_path_factory) -> Iterator[Studio]:
    """The region of the models, on the day before they are offered."""
    arguments = ("--region", "us-west-2", "--today", BEFORE_ITS_START)
    with running_endpoint(tmp_path_factory.mktemp("early") / "data", arguments) as endpoint:
        yield Studio.opened(endpoint)


def test_a_model_that_is_not_offered_is_refused_with_the_others(early_studio):
    found = answer(early_studio.tools(), "prompt model")
    assert found.state == "fail"
    assert found.finding.startswith(f"{SD35} is not offered on demand by Bedrock in us-west-2")
    assert "stability.stable-image-core-v1:1, stability.stable-image-ultra" in found.remedy


def test_without_a_price_of_the_region_nothing_is_bought(early_studio):
    found = answer(early_studio.tools(), "price of a picture")
    assert found.state == "fail"
    assert found.finding == f"no sourced price in us-west-2 for a picture of {SD35}."
    assert "include/prices/aws-us-west-2.yaml" in found.remedy


class Directory:
    """Bedrock's answers about one model, as a client of boto3 gives them."""

    def __init__(self, status: str = "ACTIVE", agreement: str = "AVAILABLE", **cycle: Any) -> None:
        self.cycle = {"status": status, **cycle}
        self.agreement = agreement

    def get_foundation_model(self, **_: Any) -> dict[str, Any]:
        details = {"modelArn": "arn:x", "inferenceTypesSupported": ["ON_DEMAND"]}
        return {"modelDetails": {**details, "modelLifecycle": self.cycle}}

    def get_foundation_model_availability(self, **_: Any) -> dict[str, Any]:
        return {
            "agreementAvailability": {"status": self.agreement},
            "authorizationStatus": "AUTHORIZED",
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }


def asking(studio: Studio, directory: Directory) -> ToolBox:
    def clients(service: str, region: str | None = None) -> Any:
        return directory if region == "us-west-2" else studio.client(service)

    return replace(studio.tools(), clients=clients)


def test_terms_that_nobody_accepted_are_named_with_the_region(studio):
    found = answer(asking(studio, Directory(agreement="NOT_AVAILABLE")), "prompt model")
    assert found.state == "fail"
    assert "not open to this account in us-west-2 (agreement NOT_AVAILABLE)" in found.finding
    assert "console in us-west-2" in found.remedy


def test_a_legacy_model_still_draws_with_a_warning(studio):
    day = datetime(2027, 1, 1, tzinfo=UTC)
    found = answer(asking(studio, Directory("LEGACY", legacyTime=day)), "prompt model")
    assert (found.state, "is LEGACY since 2027-01-01" in found.finding) == ("warn", True)


def test_the_price_is_named_with_its_source(studio):
    found = answer(studio.tools(), "price of a picture")
    assert (found.state, found.finding.startswith("0.08 USD (three sec")) == ("pass", True)


def test_a_table_without_the_model_closes_the_gate(studio, tmp_path, monkeypatch):
    (tmp_path / "aws-us-east-1.yaml").write_text(
        "date: '2026-11-29'\nregion: us-east-1\nprices: []"
    )
    monkeypatch.setenv(PRICES_VARIABLE, str(tmp_path))
    assert answer(studio.tools(), "price of a picture").state == "fail"


def test_prompts_and_shape_that_suit_the_model(studio):
    found = answer(studio.tools(panel_width=1280, panel_height=720), "prompts")
    assert found.state == "pass"
    assert found.finding.endswith("of at most 10,000 characters; pictures are drawn in 16:9.")


def test_a_shape_that_no_ratio_comes_near_is_named_with_what_is_lost(studio):
    found = answer(studio.tools(panel_width=4096, panel_height=1024), "prompts")
    assert found.state == "warn"
    assert found.finding == (
        "Panels of 4096 x 1024 px show 58% of a picture: the closest shape that the model draws "
        "is 21:9."
    )


def test_a_prompt_beyond_the_limit_is_named_by_its_panel(studio, monkeypatch):
    """No valid production reaches 10,000 characters; another model may accept fewer."""
    table = limits_table()
    strict = table.of_prompted(SD35).model_copy(update={"prompt_characters": (1, 80)})
    strict_table = table.model_copy(update={"prompted": (strict,)})
    monkeypatch.setattr(draw_from_prompts, "limits_table", lambda: strict_table)
    found = answer(studio.tools(), "prompts")
    assert found.state == "warn"
    assert found.finding.startswith("The descriptions of panel 1, panel 2, ")
    assert found.finding.endswith("will be shortened: prompts have at most 80 characters.")


def test_the_pipelines_role_may_draw_with_all_models(studio):
    statements = Account.of(studio).statements("airflow-access")
    role = make_role(studio.endpoint, f"prompts-{studio.bucket}", statements)
    for model in (SD35, "stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:1"):
        tools = replace(studio.tools(prompt_model_id=model), clients=assume(studio.endpoint, role))
        assert answer(tools, "prompt rights").state == "pass"


@pytest.mark.parametrize(
    "other", ["stability.stable-image-inpaint-v1:0", "stability.sd3-large-v1:0", "stability.x"]
)
def test_other_models_of_their_maker_are_not_the_pipelines(studio, other):
    arn = f"arn:aws:bedrock:us-west-2::foundation-model/{other}"
    statements = Account.of(studio).statements("airflow-access")
    assert not allows(statements, "bedrock:InvokeModel", arn)


def test_a_role_without_the_right_is_refused_by_name(studio):
    role = make_role(
        studio.endpoint,
        f"less-{studio.bucket}",
        [
            {
                "Effect": "Allow",
                "Action": ["iam:GetRole", "iam:SimulatePrincipalPolicy"],
                "Resource": "*",
            }
        ],
    )
    found = answer(replace(studio.tools(), clients=assume(studio.endpoint, role)), "prompt rights")
    assert found.state == "fail"
    arn = f"arn:aws:bedrock:us-west-2::foundation-model/{SD35}"
    assert f"lacks: bedrock:InvokeModel on {arn}" in found.finding


def test_the_estimate_is_a_picture_a_panel():
    settings = factories.settings(trainer="bedrock", panels_from="prompts")
    usages = estimate_usages(settings, factories.production(), 0, RequestTokens(caption=1))
    drawn = [usage for usage in usages if usage.item == SD35]
    assert [(usage.unit, usage.amount) for usage in drawn] == [("drawn_image", 3)]
    assert cost_of(drawn, "us-east-1") == (0.24, ())
    assert not {"training_image", "model_unit_hour"} & {usage.unit for usage in usages}
