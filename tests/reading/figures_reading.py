"""The numbers that the pages of a run show, read from the pages themselves, by what they count."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from lxml import html

from storyboard_ops.domain.review.review_records import BoardItem
from tests.reading.report_reading import section, text_of

#: By name of the number: its value on one page.
Shown = Mapping[str, object]
STEPS = {
    "Sampled from the film": "sampled",
    "Usable": "usable",
    "Cut out": "cut_out",
    "Distinct": "distinct",
    "Captioned": "captioned",
    "Within the trainer's limits": "candidates",
    "Approved": "approved",
}
LOST = {
    "As near-duplicates": "lost in duplicate",
    "While writing captions": "lost in caption",
    "By the trainer's limits": "lost in dataset",
    "By the reviewers": "lost in review",
}


def disagreements(pages: Mapping[str, Shown]) -> dict[str, dict[str, object]]:
    """Return every number that two pages show differently, with what each shows."""
    by_number: dict[str, dict[str, object]] = defaultdict(dict)
    for page, shown in pages.items():
        for number, value in shown.items():
            by_number[number][page] = value
    return {
        number: values
        for number, values in by_number.items()
        if any(value != next(iter(values.values())) for value in values.values())
    }


def shown_once(pages: Mapping[str, Shown]) -> set[str]:
    """Return the numbers that one page alone shows: nothing is compared with them."""
    counted = Counter(number for shown in pages.values() for number in shown)
    return {number for number, times in counted.items() if times == 1}


def report_parts(page: str) -> dict[str, Shown]:
    """Read each section of the report as a page of its own."""
    document = html.document_fromstring(page)
    return {
        "report: funnel": _funnel(document),
        "report: first screen": _first_screen(document),
        "report: characters": _characters(document),
        "report: coverage": _coverage(document),
        "report: left out": _left_out(document),
        "report: near-duplicates": _near_duplicates(document),
        "report: captions": _captions(document),
        "report: review": _review(document),
        "report: storyboard": _storyboard(document),
        "report: films": _films(document),
    }


def _funnel(document: html.HtmlElement) -> Shown:
    counts = {}
    for step in document.xpath("//ol[@class='funnel']/li"):
        name, _, amount = step.xpath("./span")
        if number := STEPS.get(text_of(name)):
            counts[number] = _number(text_of(amount.find("strong")))
    stages = ("cut_out", "distinct", "captioned", "candidates", "approved")
    lost = ("duplicate", "caption", "dataset", "review")
    for stage, (before, after) in zip(lost, pairwise(stages), strict=True):
        if difference := counts[before] - counts[after]:
            counts[f"lost in {stage}"] = difference
    return counts


def _first_screen(document: html.HtmlElement) -> Shown:
    figures = {
        text_of(one.find("dt")): " ".join(map(text_of, one.findall("dd")))
        for one in document.xpath("//dl[@class='figures']/div")
    }
    approved, cut_out = _numbers(figures["approved pictures"])
    drawn, planned, *_, scenes = _numbers(figures["panels drawn"])
    return {
        "approved": approved,
        "cut_out": cut_out,
        "drawn": drawn,
        "planned": planned,
        "scenes": scenes,
    }


def _characters(document: html.HtmlElement) -> Shown:
    named = {
        text_of(one.find("bdi")): _number(text_of(one.find("span")))
        for one in document.xpath("//section[@class='character']//h3")
    }
    return {"by_character": named, "approved": sum(named.values())}


def _coverage(document: html.HtmlElement) -> Shown:
    (table,) = document.xpath("//table[@class='heat']")
    lead = section(document, "coverage")
    match = re.search(r"([\d,]+) pictures? from ([\d,]+) shots? of ([\d,]+)", lead)
    assert match, lead
    rows = [[text_of(one) for one in row.xpath("./td")][1:] for row in table.xpath("./tbody/tr")]
    shots = [re.sub(r"\D", "", text_of(one)) for one in table.xpath("./thead//th")[2:-1]]
    return {
        "approved": _number(match[1]),
        "approved in cells": sum(_number(cell) for row in rows for cell in row[:-1]),
        "approved in sums": sum(_number(row[-1]) for row in rows),
        "shots": _number(match[2]),
        "shots of the films": _number(match[3]),
        "numbers of shots": sorted(map(int, shots)),
    }


def _left_out(document: html.HtmlElement) -> Shown:
    found = {}
    for heading in document.xpath("//section[@id='dropped']/h3"):
        name = (heading.text or "").strip()
        if number := LOST.get(name):
            found[number] = _number(text_of(heading.find("span")))
    return found


def _near_duplicates(document: html.HtmlElement) -> Shown:
    said = section(document, "similarity")
    match = re.search(r"Of ([\d,]+) pictures?, ([\d,]+) are distinct and ([\d,]+) were left", said)
    assert match, said
    return {
        "cut_out": _number(match[1]),
        "distinct": _number(match[2]),
        "lost in duplicate": _number(match[3]),
    }


def _captions(document: html.HtmlElement) -> Shown:
    return {"approved": _numbers(section(document, "captions"))[0]}


def _review(document: html.HtmlElement) -> Shown:
    rows = [
        [text_of(cell) for cell in row]
        for row in document.xpath("//section[@id='review']//tbody/tr")
    ]
    decided: Counter[str] = Counter()
    for row in rows:
        decided[row[2]] += _number(row[4])
    return {"approvals": decided["approve"], "rejections": decided["reject"]}


#: A remark about panels with the wrong characters may stand between.
_DRAWN = re.compile(r"([\d,]+) of ([\d,]+) panels? drawn.*? in ([\d,]+) scenes?")


def _storyboard(document: html.HtmlElement) -> Shown:
    lead = text_of(document.xpath("//section[@id='storyboard']/p[@class='lead']")[0])
    drawn, planned, scenes = map(_number, _DRAWN.search(lead).groups())
    cards = document.xpath("//section[@id='storyboard']//ol[@class='board']/li")
    return {
        "drawn": drawn,
        "planned": planned,
        "scenes": scenes,
        "panels in all scenes": len(cards),
    }


def _films(document: html.HtmlElement) -> Shown:
    (table,) = document.xpath("//div[@aria-label='Films']/table")
    heads = [text_of(one) for one in table.xpath("./thead//th")]
    rows = [[text_of(cell) for cell in row] for row in table.xpath("./tbody/tr")]

    def total(head: str) -> int:
        return sum(_number(row[heads.index(head)]) for row in rows)

    return {
        "sampled": total("Sampled"),
        "usable": total("Usable"),
        "shots of the films": total("Shots"),
        "approved": total("Pictures"),
    }


def card_figures(card: Mapping[str, Any]) -> Shown:
    """Read ``card.json``."""
    decided: Counter[str] = Counter()
    for one in card["reviews"]:
        decided[one["decision"]] += one["pictures"]
    by_character = {name: sum(row.values()) for name, row in card["characters"].items()}
    return {
        "approved": card["pictures"],
        "training": card["training"],
        "evaluation": card["evaluation"],
        "shots": card["shots"],
        "by_character": by_character,
        "approved in cells": sum(one["pictures"] for one in card["coverage"]),
        "approvals": decided["approve"],
        "rejections": decided["reject"],
        **{f"lost in {name}": sum(row.values()) for name, row in card["left_out"].items()},
    }


def readme_figures(readme: str) -> Shown:
    """Read the dataset's ``README.md``."""
    totals = re.findall(r"^\| [^|]+ \|(?: \d+ \|){3} (\d+) \|$", readme, re.MULTILINE)
    return {
        "approved": _match(r"^([\d,]+) pictures? of ", readme),
        "approved in sums": sum(map(int, totals)),
        "training": _match(r"^([\d,]+) for training", readme),
        "evaluation": _match(r"([\d,]+) held out for evaluation", readme),
        "shots": _match(r"The pictures come from ([\d,]+) shot", readme),
    }


def lineage_figures(table: bytes) -> Shown:
    """Read ``lineage.csv``."""
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    uses = Counter(row["use"] for row in rows)
    return {
        "approved": len(rows),
        "training": uses["training"],
        "evaluation": uses["evaluation"],
        "shots": len({(row["video_sha256"], row["shot"]) for row in rows}),
        "numbers of shots": sorted({int(row["shot"]) for row in rows}),
    }


def layout_figures(jsonl: bytes) -> Shown:
    """Read ``train.jsonl``."""
    return {"training": len([json.loads(line) for line in jsonl.splitlines()])}


def terminal_figures(lines: Iterable[tuple[str, str]]) -> Shown:
    """Read the summary that the launcher prints."""
    told = dict(lines)
    sampled, usable = _numbers(told["frames sampled"])
    cut_out, distinct = _numbers(told["pictures cut out"])
    approved, rejected = _numbers(told["pictures approved"])
    drawn, planned = _numbers(told["storyboard panels"])
    return {
        "sampled": sampled,
        "usable": usable,
        "cut_out": cut_out,
        "distinct": distinct,
        "captioned": _number(told["pictures captioned"]),
        "approved": approved,
        "rejections": rejected,
        "drawn": drawn,
        "planned": planned,
        "approved by names": _numbers(told["approved by character"]),
    }


def board_figures(items: Iterable[BoardItem], approved: Iterable[str]) -> Shown:
    """Count what the review board shows; ``approved``: ids of the pictures in the dataset."""
    items, wanted = list(items), set(approved)
    return {
        "candidates": len(items),
        "numbers of shots": sorted({one.shot for one in items if one.id in wanted}),
    }


def diff_figures(page: str) -> Shown:
    """Count the later dataset on the page of a comparison."""
    document = html.document_fromstring(page)
    shown = {
        text_of(one.find("dt")): _number(text_of(one.find("dd")))
        for one in document.xpath("//dl[@class='figures']/div")
    }
    return {"approved": sum(shown.values()) - shown["removed"]}


def _numbers(text: str) -> list[int]:
    return [_number(one) for one in re.findall(r"(?<![\d:.])\d[\d,]*(?![\d:.]*\d)", text)]


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _match(pattern: str, text: str) -> int:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no {pattern!r} in the page"
    return _number(found[1])
