"""Which panels are on the board of a run, and by which numbers."""
