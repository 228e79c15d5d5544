"""Pictures as arrays: encode, orient, tone-map, measure, and find the picture between bars."""
