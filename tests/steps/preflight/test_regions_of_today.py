"""What preflight says on AWS as it is today, in three regions, with the inputs that a run requires.

The endpoint plays 2026-11-29, not the day of the demo: Nova Canvas has ended, and A2I takes no new
customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.run import RunSettings, parse_as
from storyboard_ops.gateways.money.pricing import PRICES_VARIABLE
from storyboard_ops.steps.preflight.check_preflight import preflight_report
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.films.tiny_film import tiny_film, tiny_production
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio

TODAY = "2026-11-29"
TEST_PRICES = Path(__file__).parents[2] / "material" / "test_prices"
NOVA_PRO, TITAN = "amazon.nova-pro-v1:0", "amazon.titan-embed-image-v1"
#: By region, the identifier by which Nova Pro is called there.
CALLED = {
    "us-east-1": NOVA_PRO,
    "eu-central-1": f"eu.{NOVA_PRO}",
    "ap-southeast-2": f"apac.{NOVA_PRO}",
}
PRICED = "us-east-1"


@pytest.fixture(scope="module", params=CALLED)
def studio(request, tmp_path_factory) -> Iterator[Studio]:
    """A new customer of today in one region."""
    data = tmp_path_factory.mktemp("today") / "data"
    arguments = ("--today", TODAY, "--region", request.param)
    with running_endpoint(data, arguments) as endpoint:
        yield Studio.opened(endpoint)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return tiny_film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2)


def preflight(studio: Studio, film: Path, **params: Any) -> PreflightReport:
    """Preflight of a run with the required inputs, these parameters, and defaults otherwise."""
    given = {
        "videos": [studio.upload(film)],
        "production": tiny_production(studio),
        "workspace": f"s3://{studio.bucket}",
        **params,
    }
    report = preflight_report(ToolBox("run-1", parse_as(RunSettings, given), studio.client))
    assert studio.endpoint.admin("GET", "bill")["total_usd"] == 0
    return report


def region_of(studio: Studio) -> str:
    return str(studio.endpoint.ready["region"])


def refused(report: PreflightReport) -> dict[str, str]:
    """What keeps the run from starting, by check: finding and remedy."""
    return {check.name: f"{check.finding} {check.remedy}" for check in report.failed}


def test_bedrock_by_name_is_refused_with_the_remedy(studio, film):
    found = refused(preflight(studio, film, trainer="bedrock"))
    without_price = set() if region_of(studio) == PRICED else {"budget"}
    assert set(found) == {"base model"} | without_price
    assert "past its end of life (AWS documents 2026-09-30)" in found["base model"]
    assert (
        "Set trainer to sagemaker, which trains open weights, or to dataset_only"
        in (found["base model"])
    )
    assert found["base model"].endswith(
        "No image model that Bedrock can fine-tune is known to be left."
    )


def test_without_any_trainer_the_run_ends_with_its_dataset_and_says_why(studio, film):
    report = preflight(studio, film)
    assert report.trainer is not None
    assert report.trainer.trainer == "dataset_only"
    assert "bedrock cannot (base model: amazon.nova-canvas-v1:0 is not" in report.trainer.why
    assert "sagemaker cannot (weights: s3://" in report.trainer.why
    [said] = [check for check in report.checks if check.name == "trainer"]
    assert said.state == "warn"
    assert said.finding.endswith("The run ends with the approved dataset, without a storyboard.")


def test_a2i_by_name_is_refused_with_the_remedy(studio, film):
    found = refused(preflight(studio, film, review_desk="a2i", trainer="dataset_only"))
    assert "It is closed to new customers)." in found["review desk"]
    assert "set review_desk to page" in found["review desk"]


def test_a_region_without_a_sourced_price_closes_the_gate_by_name(studio, film):
    report = preflight(studio, film, trainer="dataset_only")
    region = region_of(studio)
    if region == PRICED:
        assert report.failed == ()
        assert report.cost_sentence.startswith("The whole run is estimated at 0.")
        return
    found = refused(report)
    assert set(found) == {"budget"}
    assert found["budget"].startswith(
        f"no sourced price in {region} for Converse of {NOVA_PRO}, InvokeModel of {TITAN}"
    )
    assert f"include/prices/aws-{region}.yaml" in found["budget"]
    assert report.cost_sentence == (
        "What the whole run costs is not known: 3 of its 3 items have no sourced price."
    )


def test_with_a_price_the_dataset_alone_passes_on_the_page(studio, film, monkeypatch):
    region = region_of(studio)
    if region != PRICED:
        monkeypatch.setenv(PRICES_VARIABLE, str(TEST_PRICES))
    report = preflight(studio, film, trainer="dataset_only")
    assert report.failed == ()
    assert report.desk is not None
    assert report.desk.desk == "page"
    checks = {check.name: check for check in report.checks}
    called = CALLED[region]
    how = NOVA_PRO if called == NOVA_PRO else f"{NOVA_PRO} by {called}"
    assert checks["models"].finding == f"{how} is active; {TITAN} is active."
    if region != PRICED:
        assert checks["region"].finding == (
            f"{region}; its price table is for tests only, so the costs are not real."
        )
