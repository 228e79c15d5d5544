"""What jobs of the training program are asked to do, wherever they run."""
