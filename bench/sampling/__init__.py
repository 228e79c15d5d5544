"""Sampling a film, compared with other decoders."""
