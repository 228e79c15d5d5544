"""Records of uploads and the queue messages that announce them."""
