"""Show pictures to reviewers, merge their answers, and keep the state of a review."""
