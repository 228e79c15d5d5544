"""The figures of a season as a section of RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.shared.result_files import markdown_table

MEGABYTES_LIMIT = 1_500
#: The most that a film of the largest season may cost, by that of the smallest.
FLAT = 1.1
#: Names of the stages that are the product's; the others only generate what services answer.
MEASURED = {
    "plan": "plan shards",
    "listed": "list films",
    "crop": "crop characters, a film",
    "distinct": "drop near-duplicates",
    "assemble": "assemble dataset",
    "report": "write report",
}


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    seasons = result["seasons"]
    headings = ("task", *(head for each in seasons for head in _headings(each["films"])))
    rows = [
        (name, *(cell for each in seasons for cell in _cells(each, stage)))
        for stage, name in MEASURED.items()
    ]
    title = f"## A season of films of {result['minutes']:g} minutes"
    text = (
        f"Measured {result['measured']}. Each task in a process of its own; a peak includes the "
        f"interpreter and its libraries, about 190 MB, and should stay below {MEGABYTES_LIMIT:,} "
        "MB. Detections, embeddings and captions are generated. Films are cropped one by one: some "
        "are cut, and the pictures of the others are generated."
    )
    facts = "\n".join(f"- {line}" for line in _facts(seasons))
    return f"{title}\n\n{text}\n\n{markdown_table(headings, rows)}\n\n{facts}"


def _headings(films: int) -> tuple[str, str]:
    return f"{films} films: CPU s a film", "peak MB"


def _cells(season: dict[str, Any], stage: str) -> tuple[str, str]:
    return f"{_seconds_a_film(season, stage):.3f}", f"{season['stages'][stage]['peak_mb']:,}"


def _seconds_a_film(season: dict[str, Any], stage: str) -> float:
    figures = season["stages"][stage]
    seconds: float = figures["cpu_s"] / figures.get("instances", season["films"])
    return seconds


def _facts(seasons: list[dict[str, Any]]) -> Iterator[str]:
    for each in seasons:
        xcom = sum(figures["xcom_bytes"] for figures in each["stages"].values())
        whole = _whole_seconds(each)
        yield (
            f"{each['films']} films: {each['pictures']:,} pictures, {whole:.2f} s of processor "
            f"time a film in all tasks, without cropping "
            f"{whole - _seconds_a_film(each, 'crop'):.2f} s; {each['objects']:,} objects of "
            f"{each['bucket_mb']:,} MB in the bucket, {xcom / 1e3:,.0f} kB in XCom."
        )
    fewest, most = seasons[0], seasons[-1]
    if most is not fewest:
        ratio = _whole_seconds(most) / _whole_seconds(fewest)
        yield (
            f"A film of {most['films']} costs {ratio:.2f} times as much as one of "
            f"{fewest['films']}; at most {FLAT} is wanted."
        )


def _whole_seconds(season: dict[str, Any]) -> float:
    return sum(_seconds_a_film(season, stage) for stage in MEASURED)
