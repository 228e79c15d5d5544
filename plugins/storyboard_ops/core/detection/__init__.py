"""What detectors answer: parsing answers, resolving overlaps, placing faces and heads."""
