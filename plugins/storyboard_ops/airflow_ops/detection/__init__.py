"""The operator and the trigger that prepare detectors."""
