"""The settings of the embedded Airflow as data, each with the reason why it is not the default.

Measurements behind the choices: docs/decisions/0001-embedded-airflow.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from launcher.processes.ports import LOOPBACK, ApiPorts
from launcher.state.layout import Project, StateFolder
from launcher.state.secret_store import Secrets

SQLITE_LOCK_WAIT_SECONDS = 60
PARALLELISM = 4
#: An empty connection: credentials and endpoint come from the AWS variables, without a lookup.
AWS_CONNECTION = "aws://"
HEALTH_SECONDS = 60
#: On one machine, one detecting task reaches the account's rate, and begins with the whole of it.
DETECTION_SLOTS = "STORYBOARD_DETECTION_SLOTS"
NOBODY_ELSE: Mapping[str, str] = MappingProxyType({})


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
    """The URL of the database. Airflow sets WAL mode itself; a writer waits for the lock."""
    return f"sqlite:///{airflow_home / 'airflow.db'}?timeout={SQLITE_LOCK_WAIT_SECONDS}"


#: What does not depend on the folders, ports and secrets of one Airflow.
FIXED_SETTINGS = (
    Setting("core", "load_examples", "False", "only our DAGs"),
    Setting("core", "executor", "LocalExecutor", "one machine"),
    Setting("api", "host", LOOPBACK, "not reachable from outside"),
    Setting("api", "workers", "1", "a second worker costs memory and start-up time"),
    Setting("api", "expose_config", "False", "it holds secrets"),
    Setting("logging", "colored_console_log", "False", "component logs are files"),
    Setting("logging", "logging_level", "INFO", "failed runs are explained from the logs"),
    Setting("logging", "file_task_handler_new_folder_permissions", "0o700", "logs are private"),
    Setting("logging", "file_task_handler_new_file_permissions", "0o600", "logs are private"),
    Setting(
        "workers",
        "min_heartbeat_interval",
        "1",
        "a task that ends just after its supervisor looked is noticed an interval later",
    ),
    Setting("workers", "max_failed_heartbeats", "30", "the same patience at 1 s as at 5 s"),
    Setting("scheduler", "scheduler_idle_sleep_time", "0.2", "1 s between stages adds up"),
    Setting("scheduler", "scheduler_heartbeat_sec", "2", "half the default's wait"),
    Setting("scheduler", "max_tis_per_query", "64", "queue a whole mapped stage at once"),
    *(
        Setting(section, key, str(HEALTH_SECONDS), "a busy laptop may send a heartbeat late")
        for section, key in (
            ("scheduler", "scheduler_health_check_threshold"),
            ("triggerer", "triggerer_health_check_threshold"),
            ("dag_processor", "health_check_threshold"),
        )
    ),
    Setting("dag_processor", "refresh_interval", "10", "a new DAG file shows within seconds"),
    Setting("dag_processor", "parsing_processes", "1", "few files, few cores"),
    Setting("dag_processor", "print_stats_interval", "0", "keeps the log readable"),
)


def embedded_settings(
    project: Project,
    state: StateFolder,
    secrets: Secrets,
    ports: ApiPorts,
    database_url: str,
    parallelism: int = PARALLELISM,
    users: Mapping[str, str] = NOBODY_ELSE,
) -> tuple[Setting, ...]:
    """All settings of an Airflow that serves one machine on loopback.

    Args:
        users: those besides the owner, with their roles.
    """
    passwords = state.airflow_home / "passwords.json"
    roles = ",".join(f"{user}:{role}" for user, role in {secrets.user: "admin", **users}.items())
    return (
        Setting("core", "dags_folder", str(project.dags), "the project's DAGs"),
        Setting("core", "plugins_folder", str(project.plugins), "the project's plugins"),
        Setting("core", "parallelism", str(parallelism), "32 overload SQLite and 2 cores"),
        Setting("core", "max_active_tasks_per_dag", str(parallelism), "one DAG may use all slots"),
        Setting("core", "fernet_key", secrets.fernet_key, "the same in all components"),
        Setting("core", "simple_auth_manager_users", roles, "no user that Airflow makes up"),
        Setting("core", "simple_auth_manager_passwords_file", str(passwords), "generated, 0600"),
        Setting("core", "execution_api_server_url", ports.tasks_url, "a free port"),
        Setting("database", "sql_alchemy_conn", database_url, "the embedded database"),
        Setting("api", "port", str(ports.people), "8080 may be taken"),
        Setting("api", "base_url", ports.url, "links in the UI"),
        Setting("api", "secret_key", secrets.session_key, "the same in all components"),
        Setting("api_auth", "jwt_secret", secrets.jwt_secret, "the same in all components"),
        *FIXED_SETTINGS,
    )


def airflow_environment(
    base: Mapping[str, str], state: StateFolder, settings: Iterable[Setting]
) -> dict[str, str]:
    """Return `base` with Airflow's home and every setting."""
    return {
        **base,
        "AIRFLOW_HOME": str(state.airflow_home),
        "AIRFLOW_CONN_AWS_DEFAULT": AWS_CONNECTION,
        DETECTION_SLOTS: base.get(DETECTION_SLOTS, "1"),
        **{setting.variable: setting.value for setting in settings},
    }
