"""Sheets of a storyboard: what they show, their letters, and text that can be copied from them."""
