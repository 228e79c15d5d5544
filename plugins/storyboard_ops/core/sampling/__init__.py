"""Which frames to take: packet tables, plans, shards, shots, triage."""
