"""Hostile inputs, each refused in a process of its own: how much memory and time that takes."""
