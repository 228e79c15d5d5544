"""Render the pages, plots and tables that show a run."""
