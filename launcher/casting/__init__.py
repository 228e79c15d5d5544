"""The page on which people say who is in their films, served to this machine alone."""
