"""Memory and speed of the training program at full size, on a GPU."""
