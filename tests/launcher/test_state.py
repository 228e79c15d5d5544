"""The state folder: secrets, lock, ports, settings, and the environment of components."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from launcher import secret_store, state_lock
from launcher.airflow_settings import embedded_settings, sqlite_url
from launcher.environment import Endpoint, airflow_environment, base_environment, without_aws
from launcher.errors import StateInUse
from launcher.layout import Project, StateFolder
from launcher.ports import ApiPorts, free_ports
from launcher.secret_store import Secrets

READY = {
    "url": "http://127.0.0.1:9",
    "access_key_id": "AKID",
    "secret_access_key": "hush",
    "admin_token": "not needed here",
    "region": "us-east-1",
    "portal_url": "http://127.0.0.1:9/portal?token=t",
    "pid": 1,
}


def test_secrets_are_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.json"
    made = secret_store.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_store.load_or_create(path) == made
    assert secret_store.load_or_create(tmp_path / "other.json").password != made.password


def test_secrets_do_not_show_in_their_repr() -> None:
    assert repr(Secrets()) == "Secrets(user='admin')"


def test_ports_are_different_and_free() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", port))


def test_a_second_launcher_on_one_state_folder_is_refused(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "studio")
    code = (
        "import sys; from pathlib import Path; from launcher import state_lock\n"
        "from launcher.layout import StateFolder\n"
        "with state_lock.held(StateFolder(Path(sys.argv[1]))): print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(state.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(StateInUse, match="Another launcher"), state_lock.held(state):
        pass
    other.communicate("\n")
    with state_lock.held(state):
        pass


def settings_of(folder: Path) -> dict[str, str]:
    made = embedded_settings(
        Project(folder), StateFolder(folder / "s"), Secrets(), ApiPorts(1, 2), sqlite_url(folder)
    )
    return {setting.variable: setting.value for setting in made}


def test_every_setting_is_one_that_airflow_knows(tmp_path: Path) -> None:
    import importlib.util

    airflow = importlib.util.find_spec("airflow")
    assert airflow is not None and airflow.origin is not None
    known = yaml.safe_load(
        (Path(airflow.origin).parent / "config_templates" / "config.yml").read_text()
    )
    for variable in settings_of(tmp_path):
        _, section, key = variable.lower().split("__")
        assert key in known[section]["options"], f"Airflow has no [{section}] {key}"


def test_airflow_listens_on_loopback_and_loads_our_dags_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:2/execution/"
    assert settings["AIRFLOW__CORE__DAGS_FOLDER"] == str(tmp_path / "dags")
    assert settings["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"


def test_a_local_run_sees_nothing_of_the_users_aws_account_or_airflow(tmp_path: Path) -> None:
    users = {"PATH": "/bin", "AWS_PROFILE": "studio", "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}
    base = without_aws(base_environment(users))
    made = airflow_environment(base, StateFolder(tmp_path), ())
    assert made["PATH"] == "/bin"
    assert made["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert not {"AWS_PROFILE", "AIRFLOW__CORE__EXECUTOR"} & made.keys()


def test_the_endpoint_is_read_from_its_ready_file_and_hides_its_secrets(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text(json.dumps(READY))
    endpoint = Endpoint.from_ready_file(path)
    variables = endpoint.variables()
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert "hush" not in repr(endpoint) and "token" not in repr(endpoint)
