"""Storyboard panels composed from a model's own training crops."""
