"""SECURITY.md names every boundary with tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.docs.markdown_files import ROOT, code_spans, links

SECURITY = ROOT / "SECURITY.md"
TEXT = SECURITY.read_text(encoding="utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}


def rows() -> dict[str, list[str]]:
    """The table of persons: who, and the other cells."""
    table = TEXT.partition("## Who may do what")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    return {who: rest for who, *rest in cells}


def test_every_test_that_is_named_exists() -> None:
    named = {span for span in code_spans(SECURITY) if span.startswith("test_")}
    assert len(named) > 10
    assert sorted(named - TESTS) == []


@pytest.mark.parametrize(
    "who",
    [
        "uploader",
        "production author",
        "reviewer",
        "one who starts runs",
        "deployer",
        "other users of the host",
        "one who may tag resources in the account",
    ],
)
def test_the_threat_model_says_what_each_may_do_and_what_enforces_it(who: str) -> None:
    may, _, enforced = rows()[who]
    assert may and enforced


@pytest.mark.parametrize("part", ["Report a vulnerability", "What is promised", "Dependencies"])
def test_a_reader_finds_what_a_policy_says(part: str) -> None:
    assert re.search(rf"^## {part}$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "docs/README.md", "CONTRIBUTING.md"])
def test_the_policy_is_found(page: str) -> None:
    path = ROOT / page
    assert SECURITY in {(path.parent / target).resolve() for target in links(path)}


def test_the_policy_leads_to_the_rights() -> None:
    assert "include/iam/README.md" in links(SECURITY)
