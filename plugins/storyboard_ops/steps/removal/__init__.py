"""Find material in a workspace and remove it everywhere."""
