"""Pages, plots and tables that show a run."""
