"""Removing material from manifests, tables and pages."""
