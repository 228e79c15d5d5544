"""Plan the shards of films, sample their frames, and quarantine unreadable films."""
