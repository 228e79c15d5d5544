"""What is asked of each panel, and which pictures are there already."""
