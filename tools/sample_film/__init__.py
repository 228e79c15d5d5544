"""Draws The Paper Lantern: the sample film, the truth about it, and its reference pictures."""
