"""Estimate what a run will cost, and check its detectors."""
