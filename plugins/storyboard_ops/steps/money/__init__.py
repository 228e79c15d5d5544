"""Claims before purchases, and the gate before the cost."""
