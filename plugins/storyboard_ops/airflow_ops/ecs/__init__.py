"""Tasks on Amazon ECS: an executor that says in Airflow why a task did not run."""
