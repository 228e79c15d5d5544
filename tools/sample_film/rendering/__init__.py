"""Turns a shot into pixels: sprites of the characters, composited with the scenery."""
