"""Turn detections into a published dataset: crop, deduplicate, caption, assemble, publish."""
