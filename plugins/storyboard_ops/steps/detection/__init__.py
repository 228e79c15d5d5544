"""Prepare detectors, find characters, and settle what that bought."""
