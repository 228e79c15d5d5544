"""What every step starts with: its tools, its waits, the tombstones of its workspace."""
