"""The settings of the embedded Airflow, as data: each with the reason why it is not the default.

Measurements behind the choices: docs/decisions/0001-embedded-airflow.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from launcher.layout import Project, StateFolder
from launcher.ports import LOOPBACK, ApiPorts
from launcher.secret_store import Secrets

SQLITE_LOCK_WAIT_SECONDS = 60
PARALLELISM = 4
HEALTH_SECONDS = 60


@dataclass(frozen=True)
class Setting:
    """One `AIRFLOW__SECTION__KEY` variable."""

    section: str
    key: str
    value: str
    reason: str

    @property
    def variable(self) -> str:
        return f"AIRFLOW__{self.section}__{self.key}".upper()


def sqlite_url(airflow_home: Path) -> str:
    """Airflow's own journal mode is WAL; a writer then waits for the lock instead of failing."""
    return f"sqlite:///{airflow_home / 'airflow.db'}?timeout={SQLITE_LOCK_WAIT_SECONDS}"


def embedded_settings(
    project: Project,
    state: StateFolder,
    secrets: Secrets,
    ports: ApiPorts,
    database_url: str,
    parallelism: int = PARALLELISM,
) -> tuple[Setting, ...]:
    """Every setting of an Airflow that serves one machine on loopback."""
    passwords = state.airflow_home / "passwords.json"
    return (
        Setting("core", "dags_folder", str(project.dags), "the project's DAGs"),
        Setting("core", "plugins_folder", str(project.plugins), "the project's plugins"),
        Setting("core", "load_examples", "False", "no other DAGs than ours"),
        Setting("core", "executor", "LocalExecutor", "one machine"),
        Setting("core", "parallelism", str(parallelism), "32 overloads SQLite and 2 cores"),
        Setting("core", "max_active_tasks_per_dag", str(parallelism), "one DAG may use all slots"),
        Setting("core", "fernet_key", secrets.fernet_key, "the same in all components"),
        Setting("core", "simple_auth_manager_users", f"{secrets.user}:admin", "one user"),
        Setting("core", "simple_auth_manager_passwords_file", str(passwords), "generated, 0600"),
        Setting("core", "execution_api_server_url", ports.tasks_url, "a free port"),
        Setting("database", "sql_alchemy_conn", database_url, "the embedded database"),
        Setting("api", "host", LOOPBACK, "not reachable from outside"),
        Setting("api", "port", str(ports.people), "8080 may be taken"),
        Setting("api", "base_url", ports.url, "links in the UI"),
        Setting("api", "workers", "1", "a second worker costs memory and start-up time"),
        Setting("api", "secret_key", secrets.session_key, "the same in all components"),
        Setting("api", "expose_config", "False", "it holds secrets"),
        Setting("api_auth", "jwt_secret", secrets.jwt_secret, "the same in all components"),
        Setting("logging", "colored_console_log", "False", "component logs are files"),
        Setting("logging", "logging_level", "INFO", "what a failed run is explained from"),
        Setting(
            "workers",
            "min_heartbeat_interval",
            "1",
            "a task that ends just after its supervisor looked is noticed one interval later",
        ),
        Setting("workers", "max_failed_heartbeats", "30", "the same patience at 1 s as at 5 s"),
        Setting("scheduler", "scheduler_idle_sleep_time", "0.2", "1 s between two stages adds up"),
        Setting("scheduler", "scheduler_heartbeat_sec", "2", "half the default's wait"),
        Setting("scheduler", "max_tis_per_query", "64", "queue a whole mapped stage at once"),
        Setting(
            "scheduler",
            "scheduler_health_check_threshold",
            str(HEALTH_SECONDS),
            "a busy laptop may be late with a heartbeat",
        ),
        Setting(
            "triggerer",
            "triggerer_health_check_threshold",
            str(HEALTH_SECONDS),
            "a busy laptop may be late with a heartbeat",
        ),
        Setting(
            "dag_processor",
            "health_check_threshold",
            str(HEALTH_SECONDS),
            "a busy laptop may be late with a heartbeat",
        ),
        Setting("dag_processor", "refresh_interval", "10", "a new DAG file shows within seconds"),
        Setting("dag_processor", "parsing_processes", "1", "few files, few cores"),
        Setting("dag_processor", "print_stats_interval", "0", "keeps the log readable"),
    )
