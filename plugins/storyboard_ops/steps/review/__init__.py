"""Open a review, log its decisions, and apply them to the pictures."""
