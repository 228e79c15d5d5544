"""Let a model break a script down into panels: requests, answers, and what every panel must be."""
