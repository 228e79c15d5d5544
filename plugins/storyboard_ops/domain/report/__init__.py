"""Data that a report shows."""
