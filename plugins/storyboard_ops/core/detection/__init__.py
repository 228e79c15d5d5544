"""Parse what detectors answer, resolve overlaps, and place faces and heads."""
