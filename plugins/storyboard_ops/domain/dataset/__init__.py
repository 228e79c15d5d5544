"""Records of an approved, published dataset."""
