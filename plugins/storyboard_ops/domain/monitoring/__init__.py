"""What people watch while runs go on: metrics, and the runs that are under way."""
