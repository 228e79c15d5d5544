"""Where people review: A2I human loops and the review log."""
