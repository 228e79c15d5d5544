"""What is downloaded after a run, against the local endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from launcher.errors import RunFailed
from launcher.product import S3Uri, Workspace
from launcher.runs import results
from tests.studio.other_user import open_paths


def put(s3: Any, root: S3Uri, *names: str) -> None:
    for name in names:
        s3.put_object(Bucket=root.bucket, Key=f"{root.key}/{name}", Body=name.encode())


def test_results_replace_earlier_ones(s3: Any, workspace: Workspace, tmp_path: Path) -> None:
    root, target = workspace.run("run-1"), tmp_path / "out" / "demo"
    put(s3, root, "report.html", "receipt.json", "dataset/train/a.png", "crops/raw.png")
    put(s3, workspace.run("run-10"), "report.html")
    (target / "storyboard").mkdir(parents=True)
    (target / "storyboard" / "old.png").touch()
    paths = results.download_results(s3, root, target)
    assert open_paths(target.parent) == []
    assert paths == [target / "report.html", target / "receipt.json", target / "dataset"]
    found = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
    assert found == ["dataset/train/a.png", "receipt.json", "report.html"]
    assert (target / "report.html").read_text() == "report.html"
    assert [path.name for path in target.parent.iterdir()] == ["demo"]


def test_a_run_without_results_keeps_the_earlier_ones(
    s3: Any, workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "report.html").write_text("earlier")
    with pytest.raises(RunFailed, match="left no results"):
        results.download_results(s3, workspace.run("empty"), tmp_path / "demo")
    assert (tmp_path / "demo" / "report.html").read_text() == "earlier"
