"""Prices, and what bills under a lease."""
