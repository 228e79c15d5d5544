"""Operators and triggers that prepare detectors."""
