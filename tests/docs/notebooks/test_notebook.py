"""The notebook: what is stored of it, and a run of all its cells against a real Airflow."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from launcher.aws.clients import local_client
from launcher.aws.local_account import STUDIO_WORKSPACE
from launcher.embedded.background_stack import BackgroundStack
from launcher.product import Workspace
from launcher.runs.uploads import upload_video
from launcher.state.layout import PROJECT_ROOT, Project
from tests.docs.markdown_files import DOCS
from tests.docs.notebooks.notebook_runner import Notebook, read_cells
from tests.films.short_film import short_film
from tests.studio.studio_fixture import QUICK

NOTEBOOK = DOCS / "notebooks/storyboard.ipynb"
#: What a SageMaker image has, beside the standard library.
MAY_IMPORT = {"requests", "PIL", "IPython"}


def test_no_output_is_stored() -> None:
    """Outputs would be pictures of a film."""
    code = [cell for cell in read_cells(NOTEBOOK) if cell.is_code]
    assert len(code) == 7
    assert [(cell.outputs, cell.count) for cell in code] == [((), None)] * len(code)


def test_it_needs_what_a_notebook_image_has() -> None:
    used = set().union(*(cell.imports for cell in read_cells(NOTEBOOK) if cell.is_code))
    assert used - sys.stdlib_module_names == MAY_IMPORT


def test_every_code_cell_is_introduced_by_text() -> None:
    kinds = [cell.is_code for cell in read_cells(NOTEBOOK)]
    assert not any(kinds[n] and kinds[n + 1] and n for n in range(len(kinds) - 1))


@pytest.fixture
def up(tmp_path: Path) -> Iterator[BackgroundStack]:
    """What `make up` starts, in a folder of its own."""
    (PROJECT_ROOT / ".cache").mkdir(exist_ok=True)  # keeps an empty database, which takes long
    for name in ("dags", "plugins", "include", "local_aws", ".cache"):
        (tmp_path / name).symlink_to(PROJECT_ROOT / name)
    project = Project(tmp_path)

    def launcher(command: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "launcher", "--project", str(tmp_path), command],
            cwd=PROJECT_ROOT,
            check=True,
            timeout=400,
        )

    try:
        launcher("up")
        yield BackgroundStack.read(project.state("studio").running)
    finally:
        launcher("down")


@pytest.mark.slow
@pytest.mark.long
def test_a_run_by_notebook_ends_with_a_board_and_nothing_that_bills(
    up: BackgroundStack, tmp_path: Path
) -> None:
    film = short_film(tmp_path / "film.mp4")
    s3 = local_client("s3", endpoint=up.endpoint)
    video = str(upload_video(s3, film, Workspace.at(STUDIO_WORKSPACE)))
    trial = {**QUICK, "workspace": STUDIO_WORKSPACE, "review_desk": "without_people"}
    given = {"AIRFLOW_URL": up.airflow_url, "USER": up.user, "PASSWORD": up.password}
    notebook = Notebook(NOTEBOOK, {**given, "VIDEO": video, "PARAMETERS": trial})
    ended = list(notebook.run())
    assert ended == ["parameters", "log-in", "start", "progress", "board", "receipt", "clean"]

    progress, board, receipt = notebook.shown.pages
    assert "The run is <strong>success</strong>" in progress[-1]
    assert "confirm_released" in progress[-1]
    results = notebook.names["results"]
    assert board[0].count('src="data:image/jpeg;base64,') == len(results["panels"]) > 0
    assert "The Paper Lantern" in board[0]
    assert "Still billing: nothing." in receipt[0]
    assert "provisioned throughput" in receipt[0]
    assert notebook.names["swept"] == "success"

    again = Notebook(NOTEBOOK, {**given, "RUN_ID": notebook.names["RUN_ID"]})
    assert list(again.run()) == ended, "an earlier run is followed and shown, too"
    assert again.names["results"] == results


@pytest.mark.slow
@pytest.mark.long
def test_a_wrong_password_is_named(up: BackgroundStack) -> None:
    given = {"AIRFLOW_URL": up.airflow_url, "USER": up.user, "PASSWORD": "wrong"}
    with pytest.raises(SystemExit, match=f"refuses the login of {up.user}"):
        list(Notebook(NOTEBOOK, given).run())


def test_with_mwaa_the_token_comes_from_the_aws_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI and the web server are played: MWAA itself is not here."""
    sent: list[tuple[str, str]] = []

    def aws(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        assert command == ["aws", "mwaa", "create-web-login-token", "--name", "films"]
        given = {"WebServerHostname": "films.airflow.example", "WebToken": "web-token"}
        return subprocess.CompletedProcess(command, 0, json.dumps(given))

    class Session(requests.Session):
        def request(self, method: str, url: str, **options: object) -> requests.Response:  # type: ignore[override]
            sent.append((method, url))
            if url.endswith("/login"):
                assert options["data"] == {"token": "web-token"}
                self.cookies.set("_token", "session-token")
            else:
                assert self.headers["Authorization"] == "Bearer session-token"
            answer = requests.Response()
            answer.status_code, answer._content = 200, b'{"version": "3.3.0"}'
            return answer

    monkeypatch.setattr(subprocess, "run", aws)
    monkeypatch.setattr(requests, "Session", Session)
    running = Notebook(NOTEBOOK, {"MWAA_ENVIRONMENT": "films"}).run()
    assert [next(running), next(running)] == ["parameters", "log-in"]
    assert sent == [
        ("POST", "https://films.airflow.example/pluginsv2/aws_mwaa/login"),
        ("GET", "https://films.airflow.example/api/v2/version"),
    ]
