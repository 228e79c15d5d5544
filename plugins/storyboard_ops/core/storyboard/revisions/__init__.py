"""Numbers of scenes, shots and panels that stay when a script changes."""
