"""An Airflow on this machine: its settings, its processes, its REST API, its health."""
