"""`make run` on AWS as it is today: a whole Airflow, and a script at the approval page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.aws.clouds import SCRIPTED_REVIEWER
from launcher.state.layout import PROJECT_ROOT
from tests.films.short_film import short_film

pytestmark = [pytest.mark.slow, pytest.mark.long]

TEST_PRICES = Path(__file__).parents[1] / "material" / "test_prices"


def test_a_run_needs_no_person_where_the_page_reviews(tmp_path: Path) -> None:
    (PROJECT_ROOT / ".cache").mkdir(exist_ok=True)  # keeps an empty database, which takes long
    for name in ("dags", "plugins", "include", "local_aws", ".cache"):
        (tmp_path / name).symlink_to(PROJECT_ROOT / name)
    film = short_film(tmp_path / "film.mp4", (10, 24, 33, 42, 51))
    played = {
        "TODAY": "2026-11-29",
        "REGION": "eu-central-1",
        "REVIEW": "scripted",
        "STORYBOARD_PRICES": str(TEST_PRICES),
        "COLUMNS": "80",
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "launcher", "--project", str(tmp_path), "run"),
            *("--video", str(film), "--production", "paper-lantern"),
            *("--params", '{"trainer": "dataset_only"}'),
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, **played},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"A script, not a person, answered the page: \d+ approved", done.stdout)
    assert re.search(r"confirm released +done", done.stdout)
    progress = [line for line in done.stdout.splitlines() if re.match(r" +\d+:\d\d  ", line)]
    assert progress
    assert max(map(len, progress)) <= 80
    (out,) = (tmp_path / "out").glob("run-*")
    receipt = json.loads((out / "receipt.json").read_text())
    assert receipt["price_table_date"] == "2026-11-29, made up for tests"
    assert receipt["still_billing"] == []
    lineage = (out / "dataset" / "lineage.csv").read_text()
    assert SCRIPTED_REVIEWER in lineage
    assert (tmp_path / ".airflow" / "studio-eu-central-1").is_dir()
