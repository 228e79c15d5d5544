"""The rate of detections that a run reaches within what the account allows."""
