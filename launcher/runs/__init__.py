"""One run of the DAG: its inputs, its progress, its results and its summary."""
