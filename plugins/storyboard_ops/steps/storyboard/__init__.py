"""Draw a script and measure how consistent the panels are."""
