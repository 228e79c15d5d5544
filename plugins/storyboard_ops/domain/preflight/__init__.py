"""The report of the checks before money."""
