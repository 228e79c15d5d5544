"""Open a review, keep its decisions, apply them."""
