"""Read and write reviews: A2I human loops and the review log."""
