"""How much of a run's wall time passes outside the pipeline's own steps."""
