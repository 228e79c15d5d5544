"""Fold the log of a panel board, and apply what people chose."""
