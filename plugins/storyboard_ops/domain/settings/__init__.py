"""Parameters of runs: bounds, defaults, and the texts of the trigger form."""
