"""Containers played as local processes, which continue when the endpoint is killed."""
