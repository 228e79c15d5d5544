"""The base models that can be trained, one adapter for each architecture."""
