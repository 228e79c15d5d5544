"""Dataset and report of a long run: time, memory, and the page in a browser."""
