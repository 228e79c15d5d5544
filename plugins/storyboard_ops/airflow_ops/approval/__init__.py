"""Wait for people: the sensor, its trigger, the cost approval and the approval page's app."""
