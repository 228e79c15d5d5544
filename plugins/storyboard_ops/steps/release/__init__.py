"""Release what a run bought, or what is past its lease."""
