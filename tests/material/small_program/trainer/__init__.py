"""A stand-in for the training program, without torch: the same files, and nothing learned."""
