"""A listing is read back as it was, and found by key, in little memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.gateways.removal.version_table import VersionTable


def version(key: str, name: str = "", latest: bool = True, marker: bool = False) -> StoredVersion:
    return StoredVersion(S3Uri("studio", key), len(key), name, latest, marker)


LISTED = (
    version("runs/a/report.html", "2"),
    version("runs/a/report.html", "1", latest=False),
    version("runs/b/report.html", "4", marker=True),
    version("runs/b/report.html", "3", latest=False),
    version("runs/c/Über.json", "5"),
    version("runsheet.json", "6"),
)


def test_a_listing_is_read_back_in_its_order_as_often_as_needed() -> None:
    table = VersionTable("studio", LISTED)
    assert tuple(table) == LISTED
    assert tuple(table) == LISTED


def test_existing_objects_are_found_by_the_beginning_of_their_keys() -> None:
    table = VersionTable("studio", LISTED)
    assert [one.version for one in table.current("")] == ["2", "5", "6"]
    assert [one.version for one in table.current("runs/")] == ["2", "5"]
    assert list(table.current("runs/b/")) == []


def test_an_object_is_found_by_its_uri() -> None:
    table = VersionTable("studio", LISTED)
    assert table.find(S3Uri("studio", "runs/a/report.html")) == LISTED[0]
    assert table.find(S3Uri("studio", "runs/b/report.html")) is None  # deleted
    assert table.find(S3Uri("other", "runs/a/report.html")) is None


def test_readings_do_not_disturb_each_other() -> None:
    table = VersionTable("studio", LISTED)
    seen = [(one, table.find(one.uri), next(iter(table))) for one in table]
    assert [one for one, _, _ in seen] == list(LISTED)


def test_many_versions_take_little_memory() -> None:
    """Four million records took 2 GB."""

    def many() -> Iterator[StoredVersion]:
        return (version(f"library/answers/bedrock/{n:064d}.json", str(n)) for n in range(20_000))

    tracemalloc.start()
    table = VersionTable("studio", many())
    count = sum(1 for _ in table)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000
