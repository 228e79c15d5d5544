"""The local AWS endpoint: its throughput, and what a kill loses."""
