"""Plan shards and sample their frames."""
