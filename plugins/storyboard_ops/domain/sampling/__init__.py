"""Records of coded packets, spans of film and shards."""
