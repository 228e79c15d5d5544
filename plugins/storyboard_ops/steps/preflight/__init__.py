"""Check settings, production, films, account and budget before a run spends money."""
