"""Render the page of a removal: what was deleted and rewritten, and the models trained on it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from storyboard_ops.core.report.contact_sheet import film_name
from storyboard_ops.core.report.page import moment
from storyboard_ops.core.text.templates import page_environment
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.removal.removal_records import ObjectLine, RemovalRecord, RemovalRequest

#: Most names that the page lists; the JSON next to it has all of them.
MOST_NAMES = 500

_HEX = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True)
class Group:
    """Objects in one folder."""

    place: str  # e.g. "runs/run-1/crops"
    count: int
    megabytes: float
    rows: int


def render_removal(record: RemovalRecord, template: str, css: str) -> str:
    """Render the page; ``template`` is Jinja, ``css`` is inserted verbatim."""
    environment = page_environment()
    environment.filters |= {
        "moment": moment,
        "count": lambda number: f"{number:,.0f}",
        "pluralize": pluralize,
    }
    root = record.request.workspace.rstrip("/") + "/"
    return environment.from_string(template).render(
        record=record,
        request=record.request,
        title=_title(record.request),
        deleted=group_by_folder(record.deleted, root),
        rewritten=group_by_folder(record.rewritten, root),
        names=[line.uri for line in record.deleted[:MOST_NAMES]],
        most_names=MOST_NAMES,
        css=Markup(css),
    )


def group_by_folder(lines: Iterable[ObjectLine], root: str) -> tuple[Group, ...]:
    """Group objects by folder; folders named by digests count as one."""
    counts: Counter[str] = Counter()
    sizes: dict[str, int] = defaultdict(int)
    rows: Counter[str] = Counter()
    for line in lines:
        place = _place(line.uri.removeprefix(root))
        counts[place] += 1
        sizes[place] += line.size
        rows[place] += line.rows
    return tuple(
        Group(place, count, sizes[place] / 1e6, rows[place])
        for place, count in sorted(counts.items())
    )


def _title(request: RemovalRequest) -> str:
    """Return what is removed, with a film's name instead of its URI, which the page shows below."""
    address = request.film_uri
    return request.what.replace(address, isolated(film_name(address))) if address else request.what


def _place(key: str) -> str:
    folder = key.rpartition("/")[0] or key
    if folder.startswith("library/answers/"):
        folder = folder.rpartition("/")[0]
    return _HEX.sub("…", folder)
