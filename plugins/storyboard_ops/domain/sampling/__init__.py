"""Records of coded packets, stretches of film and shards."""
