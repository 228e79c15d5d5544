"""Training: caches, steps, checkpoints, their scores, and the result."""
