"""From the script of a run to its panels: read, broken down, approved."""
