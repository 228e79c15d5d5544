"""The commands of the image against a real endpoint, and how two outputs of runs are compared."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from launcher.containers import __main__ as containers
from tests.distributed.differences import differing_fields
from tests.studio.endpoint_fixture import running_endpoint


def test_a_prepared_studio_takes_a_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_endpoint(tmp_path / "data") as endpoint:
        ready = tmp_path / "ready.json"
        ready.write_text(json.dumps(endpoint.ready))
        monkeypatch.setattr(containers, "READY_FILE", ready)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a film")))
        containers.main(["prepare"])
        containers.main(["upload", "paper lantern.mp4"])
        stored = endpoint.client("s3").get_object(
            Bucket="storyboard-studio", Key="videos/paper lantern.mp4"
        )
        assert stored["Body"].read() == b"a film"
    assert capsys.readouterr().out == "s3://storyboard-studio/videos/paper lantern.mp4\n"


def test_the_differing_fields_of_two_datasets_are_named() -> None:
    one = {
        "card.json": b'{"files": {"a.csv": "1"}, "counts": [1, 2], "same": 0}',
        "lineage.csv": b"file,reviewed_at\na.png,10:00\nb.png,11:00\n",
        "README.md": b"# Title\n\n| `lineage.csv` | rows | `ab` |\nSum: `cd`.\n",
        "images/a.png": b"1",
        "images/b.png": b"2",
    }
    other = {
        "card.json": b'{"files": {"a.csv": "2"}, "counts": [1, 3], "same": 0, "new": 1}',
        "lineage.csv": b"file,reviewed_at\na.png,10:05\nb.png,11:00\n",
        "README.md": b"# Title\n\n| `lineage.csv` | rows | `ef` |\nSum: `gh`.\n",
        "images/a.png": b"1",
        "images/b.png": b"3",
    }
    assert differing_fields(one, other) == {
        "README.md": ["Sum", "lineage.csv"],
        "card.json": ["counts[]", "files.a.csv", "new"],
        "images/b.png": ["bytes"],
        "lineage.csv": ["reviewed_at"],
    }
