"""Find removed material in a workspace, and delete everything that was made from it."""
