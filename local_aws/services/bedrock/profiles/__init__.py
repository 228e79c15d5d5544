"""Inference profiles: those of the system, as data for each region, and those of the account."""
