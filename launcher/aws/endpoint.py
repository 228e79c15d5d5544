"""The address and the keys of the running local AWS endpoint."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True)
class Endpoint:
    """The running local AWS endpoint."""

    url: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str
    portal_url: str = field(repr=False)
    today: str = ""  # the calendar day that it plays; "": written by an earlier version

    @classmethod
    def from_ready_file(cls, path: Path) -> Endpoint:
        """Read the JSON object that the endpoint writes once it answers."""
        document = {"today": "", **json.loads(path.read_text())}
        return cls(**{each.name: document[each.name] for each in fields(cls)})

    def __str__(self) -> str:
        """The address, and what is played there."""
        return f"{self.url}, which plays {self.today or 'a day'} in {self.region}"

    def variables(self) -> dict[str, str]:
        """The environment variables with which any AWS SDK calls the endpoint and nothing else."""
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
