"""The machine that a job runs on: its folders, memory, signals and what it reports."""
