"""The tasks and the trigger that turn uploads into runs."""
