"""Writes the pictures that the base weights of the small flow model are trained on."""
