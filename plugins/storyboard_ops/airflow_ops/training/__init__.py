"""Operators and triggers that customize a model and provide capacity."""
