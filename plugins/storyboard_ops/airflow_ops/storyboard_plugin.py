"""The only plugin file that Airflow finds by itself; see plugins/.airflowignore."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin


class StoryboardPlugin(AirflowPlugin):
    """Storyboard pipeline."""

    name = "storyboard"
