"""What a run will cost, and whether its detectors can work."""
