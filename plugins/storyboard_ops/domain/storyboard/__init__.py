"""Records of the storyboard before and between its drawings."""
