"""Finds known characters in pictures, by templates learnt from a few references."""
