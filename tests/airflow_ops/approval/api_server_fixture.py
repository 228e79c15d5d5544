"""Airflow's API server with the project's plugin, over real HTTP, on the tests' own database."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import uvicorn

from launcher.aws.clouds import SCRIPTED_REVIEWER
from tests.studio.endpoint_fixture import RunningEndpoint

#: User name and role in Airflow's simple auth manager; the password is the name backwards.
USERS = {
    "vera": "viewer",
    "ana": "user",
    "ben": "user",
    "olga": "op",
    "adam": "admin",
    SCRIPTED_REVIEWER: "user",
}
DAG_ID = "train_character_model"
START_SECONDS = 60.0


def password(user: str) -> str:
    return user[::-1]


@dataclass(frozen=True)
class ApiServer:
    """A server that answers."""

    url: str

    def token(self, user: str) -> str:
        """A login, as Airflow's own page gets it; browsers keep it in the cookie ``_token``."""
        answer = requests.post(
            f"{self.url}/auth/token",
            json={"username": user, "password": password(user)},
            timeout=20,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def browser(self, user: str) -> requests.Session:
        """A session with the cookie of a login and nothing else, as a browser sends it."""
        session = requests.Session()
        session.trust_env = False
        session.cookies.set("_token", self.token(user))
        return session


class RunPages:
    """The pages of a run in Airflow's database, as people open them."""

    server: ApiServer
    run_id: str
    place = ""  # of the page beneath the run

    def url(self, path: str) -> str:
        return f"{self.server.url}/storyboard/runs/{DAG_ID}/{self.run_id}/{self.place}{path}"

    def get(self, user: str, path: str, **more: Any) -> requests.Response:
        return self.server.browser(user).get(self.url(path), timeout=20, **more)

    def board(self, user: str) -> dict[str, Any]:
        answer = self.get(user, "board")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(
        self, user: str, path: str, body: Any, token: str | None = None, **headers: str
    ) -> requests.Response:
        """What the page sends; ``token``: of another page than the user's own."""
        sent = {"X-Review-Token": token if token is not None else self.board(user)["token"]}
        return self.server.browser(user).post(
            self.url(path), json=body, headers={**sent, **headers}, timeout=20
        )


@contextmanager
def running_api_server(folder: Path, endpoint: RunningEndpoint) -> Iterator[ApiServer]:
    """Serve until the block ends; AWS is the local endpoint."""
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps({user: password(user) for user in USERS}))
    settings = {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(map(":".join, USERS.items())),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__SECRET_KEY": "a key of the tests",
        "AIRFLOW__API_AUTH__JWT_SECRET": "another key of the tests, long enough for HS512 " * 2,
        "_AIRFLOW_PROCESS_CONTEXT": "server",
        **endpoint.environment,
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with _served(_airflow_app()) as url:
            yield ApiServer(url)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _airflow_app() -> Any:
    from airflow.api_fastapi.app import create_app, purge_cached_app

    purge_cached_app()
    return create_app(apps="core")


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the API server did not start")
        time.sleep(0.02)
    (socket,) = server.servers[0].sockets
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
