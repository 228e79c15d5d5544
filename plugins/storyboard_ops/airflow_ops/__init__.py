"""The only package that imports Airflow: operators, sensors, triggers, tasks and the plugin."""
