"""Collect what was approved and promote the better model."""
