"""Collect newly approved pictures, compare models and promote the better one."""
