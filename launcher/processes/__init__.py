"""Processes that are started, watched and ended, with nothing left behind."""
