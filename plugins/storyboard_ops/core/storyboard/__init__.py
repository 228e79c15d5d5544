"""Scripts in, ordered panels out: board, PDF, timeline, consistency."""
