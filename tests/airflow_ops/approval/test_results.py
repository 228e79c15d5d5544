"""What a run gives to programs over HTTP: its panels, their pictures, named files, nothing else."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

import pytest
import requests

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.report.run_results import FILES, RESULTS, ResultPanel, RunResults
from storyboard_ops.steps.report.write_report import write_report
from tests.airflow_ops.approval.open_review_fixture import OpenReview
from tests.material import factories

PNG = encode_png(factories.picture(1, 64, 40))
SHA = hashlib.sha256(PNG).hexdigest()


@pytest.fixture
def reported(review: OpenReview) -> OpenReview:
    """A run with a report: a panel that is drawn, and one that is not."""
    tools = review.tools
    uri = tools.objects.put(tools.run_root / "storyboard/panels/1.png", PNG, "image/png")
    panels = (factories.panel(1, uri=uri, sha256=SHA), factories.failed_panel(2))
    ref = tools.manifests.commit(tools.run_root / "storyboard/panels.jsonl", "panels", "d", panels)
    write_report(tools, RunManifests(panels=ref))
    return review


def results(review: OpenReview, user: str = "ana") -> dict[str, Any]:
    answer = review.get(user, "results")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_panels_in_words_and_the_names_of_files_are_listed(reported):
    told = results(reported)
    drawn, missing = told["panels"]
    assert (drawn["label"], drawn["sha256"], drawn["failure"]) == ("010-010-010", SHA, "")
    assert (missing["sha256"], missing["failure"]) == (
        "",
        "The model's content filter refused the prompt.",
    )
    assert told["files"] == list(FILES)
    assert "s3://" not in reported.get("ana", "results").text


def test_a_program_with_a_token_follows_a_link_to_the_picture_of_a_panel(reported):
    """A token in a header, as notebooks send it; requests keeps it from S3."""
    login = {"Authorization": f"Bearer {reported.server.token('ana')}"}
    place = reported.url(f"results/pictures/{SHA}")
    assert requests.get(place, headers=login, timeout=20).content == PNG
    answer = requests.get(place, headers=login, timeout=20, allow_redirects=False)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (307, "no-store")


def test_files_are_given_by_name(reported):
    assert b"<!doctype html>" in reported.get("ana", "results/files/report.html").content
    pdf = reported.get("ana", "results/files/storyboard/storyboard.pdf")
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "name",
    [
        "settings.json",  # is there, and not given out
        "results.json",
        "review/log/1.json",
        "report.html/..%2Fsettings.json",
        "..%2Fsettings.json",
        "receipt.json",  # given out, and not there yet
    ],
)
def test_no_other_file_is_given_out(reported, name):
    answer = reported.get("ana", f"results/files/{name}")
    assert (answer.status_code, answer.json()["error"]) == (404, "missing")


def test_a_picture_that_no_panel_shows_is_not_given_out(reported):
    crop = next(reported.tools.objects.list(reported.tools.run_root / "crops/")).uri
    name = PurePosixPath(crop.key).stem
    other = name if len(name) == 64 else factories.sha("another picture")
    assert reported.get("ana", f"results/pictures/{other}").status_code == 404
    assert reported.get("ana", "results/pictures/1.png").status_code == 422


def test_a_record_that_names_a_place_outside_the_workspace_gives_no_link(reported):
    elsewhere = ResultPanel(
        label="1", scene="s", description="d", seconds=1, sha256=SHA, uri="s3://another/secret.png"
    )
    record = RunResults(production="p", attribution="a", approved=0, panels=(elsewhere,))
    reported.tools.write_record(RESULTS, record)
    assert reported.get("ana", f"results/pictures/{SHA}").status_code == 404


@pytest.mark.parametrize(
    "path", ["results", f"results/pictures/{SHA}", "results/files/report.html"]
)
def test_without_a_login_there_are_no_results(reported, path):
    assert requests.get(reported.url(path), timeout=20).status_code == 401


def test_before_its_report_a_run_says_that_it_has_no_results(review):
    answer = review.get("ana", "results")
    assert (answer.status_code, answer.json()["error"]) == (404, "missing")
    assert "at its end" in answer.json()["message"]
