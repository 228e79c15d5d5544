"""Collect what a run made and write its pages."""
