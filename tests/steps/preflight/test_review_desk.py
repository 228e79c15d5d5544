"""Which desk a run gets, why, and that it keeps the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from storyboard_ops.domain.review.review_records import OpenedReview
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.earlier_runs import tools_of_run
from tests.films.tiny_film import tiny_film, tiny_production
from tests.steps.review.test_review_steps import stored_images
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio

NO_A2I = "Amazon Augmented AI is not available to this account"
LISTED = {"kind": "error", "service": "sagemaker", "operation": "ListFlowDefinitions"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """An account of its own that has A2I and has never used it."""
    with running_endpoint(tmp_path_factory.mktemp("a2i") / "data", FAST) as endpoint:
        yield Studio.opened(endpoint)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """An account that A2I takes no more, with a private work team for other work."""
    data = tmp_path_factory.mktemp("newcomer") / "data"
    with running_endpoint(data, (*FAST, "--no-a2i")) as endpoint:
        yield Studio.opened(endpoint)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2)


def preflight(studio: Studio, film: Path, run: str, **params: Any) -> PreflightReport:
    """Preflight of a run that makes a dataset, with the default desk."""
    given = {
        "videos": [studio.upload(film)],
        "production": tiny_production(studio),
        "trainer": "dataset_only",
        "review_desk": "choose",
        **params,
    }
    return check_preflight(studio.tools(run, **given))


@contextmanager
def faults(studio: Studio, *given: dict[str, str]) -> Iterator[None]:
    """Faults of the endpoint while a block runs."""
    studio.endpoint.admin("PUT", "faults", {"faults": list(given)})
    try:
        yield
    finally:
        studio.endpoint.admin("PUT", "faults", {"faults": []})


def desk_line(report: PreflightReport) -> Check:
    (line,) = [check for check in report.checks if check.name == "review desk"]
    return line


def recorded_desk(studio: Studio, run: str) -> str:
    """What every later task finds in the settings of the run."""
    return str(studio.read_json(f"runs/{run}/settings.json")["review_desk"])


def test_a_new_customer_gets_the_page_with_the_reason(newcomer, film):
    report = preflight(newcomer, film, "new")
    line = desk_line(report)
    assert line.state == "pass"
    assert line.finding.startswith("page, chosen because Amazon A2I cannot be used: A2I refuses")
    assert NO_A2I in line.finding
    assert recorded_desk(newcomer, "new") == "page"
    assert not [usage for usage in report.estimate if usage.service == "a2i"]


def test_a_new_customer_who_insists_on_a2i_is_refused_before_anything_is_paid(newcomer, film):
    with pytest.raises(GateClosed, match="nothing has been paid") as refused:
        preflight(newcomer, film, "insists", review_desk="a2i")
    assert NO_A2I in str(refused.value)
    assert "set review_desk to page" in str(refused.value)
    assert newcomer.endpoint.admin("GET", "bill")["total_usd"] == 0


def test_an_account_that_never_used_a2i_gets_the_page_but_may_try_it(account, film):
    nothing_yet = "the account has no flow definition, and A2I takes no new customers"
    chosen = preflight(account, film, "unused")
    assert desk_line(chosen).finding == (
        f"page, chosen because Amazon A2I cannot be used: {nothing_yet}."
    )
    insists = desk_line(preflight(account, film, "tries", review_desk="a2i"))
    assert insists.state == "warn"
    assert insists.finding == f"a2i, as the parameter review_desk says; {nothing_yet}."


def test_a_customer_of_a2i_gets_a2i_and_what_it_costs(account, film):
    account.ensure_a2i()
    report = preflight(account, film, "customer")
    line = desk_line(report)
    assert line.state == "pass"
    assert line.finding == (
        "a2i, chosen because the account has Amazon A2I: team "
        "arn:aws:sagemaker:us-east-1:000000000000:workteam/private-crowd/local-reviewers."
    )
    assert recorded_desk(account, "customer") == "a2i"
    assert [usage.item for usage in report.estimate if usage.service == "a2i"]
    assert {"review role", "review rights"} <= {check.name for check in report.checks}


def test_a_work_team_that_does_not_exist_or_no_role_for_a2i_means_the_page(account, film):
    account.ensure_a2i()
    report = preflight(account, film, "team", workteam_arn="arn:aws:sagemaker:x")
    assert "page, chosen because" in desk_line(report).finding
    assert "workteam_arn is 'arn:aws:sagemaker:x'; private work" in desk_line(report).finding
    role = "arn:aws:iam::000000000000:role/Nobody"
    report = preflight(account, film, "role", review_role_arn=role)
    assert f"cannot be used: {role} does not exist." in desk_line(report).finding


def test_a_right_that_is_missing_counts_as_not_available(account, film):
    account.ensure_a2i()
    with faults(account, {**LISTED, "code": "AccessDeniedException", "message": "not authorized"}):
        report = preflight(account, film, "no-right")
    assert recorded_desk(account, "no-right") == "page"
    assert "not authorized" in desk_line(report).finding


@pytest.mark.parametrize("code", ["LimitExceededException", "ExpiredToken"])
def test_no_answer_decides_nothing(account, film, code):
    run = f"silent-{code.lower()}"
    with faults(account, {**LISTED, "code": code}), pytest.raises(GateClosed) as refused:
        preflight(account, film, run)
    assert "review desk: could not be checked: " in str(refused.value)
    report = PreflightReport.model_validate(account.read_json(f"runs/{run}/preflight.json"))
    assert report.desk is None


def test_people_are_left_out_on_request_only_and_with_a_warning(account, film):
    line = desk_line(preflight(account, film, "alone", review_desk="without_people"))
    assert line.state == "warn"
    assert "no person sees them" in line.finding


def test_a_cleared_preflight_keeps_the_desk_where_people_may_be_reviewing(account, film):
    with faults(account, {**LISTED, "code": "AccessDeniedException"}):
        first = preflight(account, film, "cleared")
    account.ensure_a2i()
    again = preflight(account, film, "cleared")
    assert again.desk == first.desk
    assert again.desk is not None
    assert again.desk.desk == "page"


def test_a_cleared_preflight_says_when_the_recorded_a2i_is_gone(account, film):
    account.ensure_a2i()
    preflight(account, film, "gone")
    with (
        faults(account, {**LISTED, "code": "AccessDeniedException"}),
        pytest.raises(GateClosed, match="review desk: a2i, chosen because"),
    ):
        preflight(account, film, "gone")
    assert recorded_desk(account, "gone") == "a2i"


def test_the_review_and_the_receipt_state_the_desk_and_why(newcomer, film):
    report = preflight(newcomer, film, "stated")
    tools = tools_of_run(newcomer.workspace, newcomer.client, "stated")
    assert tools is not None
    candidates = tools.manifests.commit(
        tools.run_root / "candidates.jsonl", "images", "d", stored_images(tools, 3)
    )
    opened = OpenedReview.model_validate(
        tools.manifests.header(open_review(tools, candidates)).summary
    )
    assert report.desk is not None
    assert (opened.desk, opened.why) == ("page", report.desk.why)
    assert release_everything(tools).desk == report.desk
    assert newcomer.read_json("runs/stated/receipt.json")["desk"]["desk"] == "page"
