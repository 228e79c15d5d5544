"""Comparing the datasets of runs, by command and in the report of the later one."""

from __future__ import annotations

from typing import NoReturn

import pytest
from lxml import html

from storyboard_ops.cli.diff import main
from storyboard_ops.domain.error_tree import CredentialsExpired
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from storyboard_ops.steps.report.compare_datasets import PAGE, compare_with_previous
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.films.tiny_film import tiny_production
from tests.material.approved_runs import approved_run, started
from tests.studio.studio_fixture import Studio


def run(studio: Studio, key: str) -> ToolBox:
    return studio.tools(key, production=tiny_production(studio))


@pytest.fixture
def two(studio: Studio) -> tuple[ToolBox, ToolBox]:
    """Run 1 approved seconds 0 to 7, run 2 seconds 2 to 9; the clock ticks between them."""
    first, second = run(studio, "run-1"), run(studio, "run-2")
    approved_run(first, range(8))
    approved_run(second, range(2, 10))
    return first, second


def test_a_run_is_compared_with_the_one_before_it(two):
    changes = compare_with_previous(two[1])
    assert changes is not None
    assert (changes.earlier_run, changes.added, changes.removed) == ("run-1", 2, 2)
    assert (changes.recaptioned, changes.recropped, changes.unchanged) == (0, 0, 6)
    page = html.fromstring(two[1].objects.get(two[1].run_root / PAGE).decode())
    assert len(page.xpath('//section[@id="added"]//img')) == 2
    assert len(page.xpath('//section[@id="removed"]//img')) == 2


def test_the_first_run_of_a_production_has_nothing_to_be_compared_with(two):
    assert compare_with_previous(two[0]) is None


def test_the_report_tells_of_it_and_leads_to_the_page(two):
    write_report(two[1], collect_manifests(two[1], "", ""))
    report = html.fromstring(two[1].objects.get(two[1].run_root / "report.html").decode())
    (section,) = report.xpath('//section[@id="changes"]')
    assert "2 pictures added, 2 removed" in " ".join(section.text_content().split())
    assert section.xpath(".//a/@href") == [PAGE]


def test_a_run_without_a_dataset_is_not_compared(studio, two):
    assert compare_with_previous(started(run(studio, "run-3"))) is None


def test_the_command_writes_a_page(studio, two, tmp_path, caplog):
    caplog.set_level("INFO")
    out = tmp_path / "new" / "diff.html"
    asked = ["run-1", "run-2", "--workspace", f"s3://{studio.bucket}", "--out", str(out)]
    assert main(asked, studio.client) == 0
    assert "2 added, 2 removed, 0 recropped" in caplog.text
    assert out.read_text().count("data:image/webp") == 4


@pytest.mark.logs_errors
@pytest.mark.parametrize("key", ["run-9", "run-3"])
def test_the_command_names_a_run_that_is_not_there_or_has_no_dataset(studio, two, key, caplog):
    started(run(studio, "run-3"))
    asked = ["run-1", key, "--workspace", f"s3://{studio.bucket}"]
    assert main(asked, studio.client) == 2
    assert key in caplog.text


@pytest.mark.logs_errors
def test_the_command_reports_a_service_error_in_one_line(caplog):
    def refuse(service: str) -> NoReturn:
        raise CredentialsExpired("Renew the credentials.")

    assert main(["run-1", "run-2"], refuse) == 1
    assert caplog.messages == ["Renew the credentials."]
