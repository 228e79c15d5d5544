"""Turn uploaded films into runs."""
