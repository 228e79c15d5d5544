"""Prepare detectors, find characters in frames, and settle what that bought."""
