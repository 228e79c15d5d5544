"""Records of a review: items, decisions, log and closing."""
