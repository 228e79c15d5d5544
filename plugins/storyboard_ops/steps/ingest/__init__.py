"""Turn uploads into runs."""
