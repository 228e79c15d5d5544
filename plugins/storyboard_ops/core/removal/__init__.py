"""Remove material from manifests, tables and pages."""
