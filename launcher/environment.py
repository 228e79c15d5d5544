"""The environment variables of each component: the user's own, less what could leak, plus ours."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from launcher.airflow_settings import Setting
from launcher.layout import StateFolder

OVERRIDDEN_PREFIXES = ("AIRFLOW_", "AIRFLOW__")
AWS_PREFIX = "AWS_"
#: An empty connection: credentials and endpoint come from the AWS variables, without a query.
AWS_CONNECTION = "aws://"
LOOPBACK_HOSTS = "127.0.0.1,localhost"


@dataclass(frozen=True)
class Endpoint:
    """The running local AWS endpoint."""

    url: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str
    portal_url: str = field(repr=False)

    @classmethod
    def from_ready_file(cls, path: Path) -> Endpoint:
        """Read what the endpoint writes once it answers: a JSON object, of which a part is used."""
        document = json.loads(path.read_text())
        return cls(**{each.name: document[each.name] for each in fields(cls)})

    def variables(self) -> dict[str, str]:
        """What any AWS SDK needs to talk to the endpoint and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


def base_environment(source: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`source` without Airflow settings of another installation; loopback never goes to a proxy."""
    kept = {k: v for k, v in source.items() if not k.startswith(OVERRIDDEN_PREFIXES)}
    return {**kept, "NO_PROXY": LOOPBACK_HOSTS, "no_proxy": LOOPBACK_HOSTS}


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Local runs must not see the user's AWS account by accident."""
    return {k: v for k, v in environment.items() if not k.startswith(AWS_PREFIX)}


def airflow_environment(
    base: Mapping[str, str], state: StateFolder, settings: Iterable[Setting]
) -> dict[str, str]:
    """`base` plus Airflow's home and every setting."""
    return {
        **base,
        "AIRFLOW_HOME": str(state.airflow_home),
        "AIRFLOW_CONN_AWS_DEFAULT": AWS_CONNECTION,
        **{setting.variable: setting.value for setting in settings},
    }
