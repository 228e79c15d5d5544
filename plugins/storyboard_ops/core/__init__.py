"""Pure functions on arrays and records: no network, no files, no Airflow, no boto3."""
