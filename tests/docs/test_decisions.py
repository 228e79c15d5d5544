"""Every decision record follows the template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.markdown_files import DECISIONS, prose

RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]
HEAD = re.compile(
    r"\A# (?P<number>\d{4}): .+\n\n"
    r"- Status: (accepted|superseded by \d{4})\n"
    r"- Date: \d{4}-\d{2}-\d{2}\n\n"
    r"## Context\n"
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_follows_the_template(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    head = HEAD.match(text)
    assert head, f"{record.name} does not begin as docs/decisions/template.md does"
    assert head["number"] == record.name[:4]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_no_section_is_empty(record: Path) -> None:
    bodies = re.split(r"^## .+$", prose(record), flags=re.MULTILINE)[1:]
    assert all(body.strip() for body in bodies)


def test_numbers_are_unique() -> None:
    numbers = [record.name[:4] for record in RECORDS]
    assert len(set(numbers)) == len(numbers)


def test_the_template_has_the_sections() -> None:
    text = (DECISIONS / "template.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
