"""Mutation testing: change one expression or statement of the code, and see that a test fails."""
