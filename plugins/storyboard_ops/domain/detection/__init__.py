"""Records of trained detectors."""
