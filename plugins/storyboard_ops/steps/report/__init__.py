"""Collect the results of a run and write its report and storyboard."""
