"""Commands for a terminal: sample frames, compare datasets, remove material."""
