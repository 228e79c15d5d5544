"""Which pictures teach best: crops, near-duplicates, captions, selection, split, layouts."""
