"""Import what the services import, so that the image has its bytecode: they start twice as fast.

The image builds this before it has our code, so only packages are named.
"""

from __future__ import annotations

import importlib

MODULES = (
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "aaf2.file",
    "aiobotocore.session",
    "airflow.api_fastapi.main",
    "airflow.cli.cli_parser",
    "airflow.dag_processing.processor",
    "airflow.jobs.scheduler_job_runner",
    "airflow.jobs.triggerer_job_runner",
    "airflow.providers.amazon.aws.hooks.base_aws",
    "airflow.providers.celery.cli.celery_command",
    "airflow.providers.celery.executors.celery_executor",
    "airflow.providers.ssh.hooks.ssh",
    "airflow.sdk.execution_time.task_runner",
    "airflow.utils.db",
    "asyncpg",
    "av",
    "cheroot.server",
    "cv2",
    "fontTools.ttLib",
    "json_repair",
    "liquid",
    "matplotlib.backends.backend_svg",
    "moto.iam.responses",
    "moto.sqs.responses",
    "moto.sts.responses",
    "opentimelineio",
    "pandas",
    "psycopg2",
    "pypdf",
    "redis",
    "scenedetect.detectors",
    "typst",
)


def main() -> None:
    """Import each; raises ImportError for one that the image does not have."""
    for name in MODULES:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
