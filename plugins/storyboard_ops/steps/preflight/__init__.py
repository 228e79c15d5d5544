"""Every check before money."""
