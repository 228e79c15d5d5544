"""Runs the product on one machine: Airflow, the local AWS endpoint, one DAG run, live progress.

`python -m launcher demo|run|up|down|status`. Nothing in `dags/` or `plugins/` imports it; it talks
to Airflow by REST and to AWS by boto3 only, as any other client would.
"""
