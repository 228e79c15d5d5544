"""Object versions, listed and deleted."""
