"""Tasks and triggers for uploads."""
