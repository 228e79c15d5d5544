"""Records of what is removed and what that touches."""
