"""Lay out the panel board, log what people choose, and carry it into the next run."""
