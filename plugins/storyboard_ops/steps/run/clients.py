"""The type of what makes clients of AWS; light to import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Makes a boto3 client for a service: from Airflow's connection in a task, from boto3 elsewhere.
Clients = Callable[[str], Any]
