"""Ways to run Airflow on one machine, compared."""
