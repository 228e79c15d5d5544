"""Known characters found in pictures by templates learnt from a few references."""
