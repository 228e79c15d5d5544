"""From detections to a published dataset: crop, deduplicate, caption, assemble, publish."""
