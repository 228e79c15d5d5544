"""The tasks of each DAG: thin wrappers around steps."""
