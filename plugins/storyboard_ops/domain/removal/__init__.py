"""Records of removals and of what they change."""
