"""Price usages, and find what bills under a lease."""
