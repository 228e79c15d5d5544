"""Customize a model, provide its capacity, settle both."""
