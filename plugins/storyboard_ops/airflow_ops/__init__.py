"""The only room that imports Airflow: operators, sensors, triggers, task wrappers, the plugin."""
