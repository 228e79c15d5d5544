"""Customize a model, provide its capacity, and settle both."""
