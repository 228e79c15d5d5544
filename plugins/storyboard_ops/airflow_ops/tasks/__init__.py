"""The tasks of each DAG: thin wrappers of steps."""
