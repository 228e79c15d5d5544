"""Benchmarks and accuracy: what the project's figures were measured with."""
