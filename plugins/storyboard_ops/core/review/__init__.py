"""What people decide: board items, merged answers, the state of a review."""
