"""Adapters: one call to a service or file each, converted to domain records and errors."""
