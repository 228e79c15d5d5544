"""Runs the product on one machine: Airflow, the local AWS endpoint, one DAG run, live progress.

`python -m launcher demo|run|up|down|status`. Nothing in `dags/` or `plugins/` imports it; it
controls Airflow by REST and AWS by boto3, as any other client does.
"""
