"""The settings and the environment of the embedded Airflow."""

from __future__ import annotations

from pathlib import Path

import yaml

from launcher.embedded.settings import airflow_environment, embedded_settings, sqlite_url
from launcher.processes.environment import base_environment, without_aws
from launcher.processes.ports import ApiPorts
from launcher.state.layout import Project, StateFolder
from launcher.state.secret_store import Secrets


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


def test_metrics_go_where_the_user_says(tmp_path: Path) -> None:
    users = {"AIRFLOW__METRICS__STATSD_ON": "True", "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}
    made = airflow_environment(base_environment(users), StateFolder(tmp_path), ())
    assert made["AIRFLOW__METRICS__STATSD_ON"] == "True"
