"""Decide which frames to sample: packet tables, plans, shards, shots and triage."""
