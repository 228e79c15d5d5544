"""Objects, manifests, paid answers and included files."""
