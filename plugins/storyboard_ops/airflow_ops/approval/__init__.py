"""The wait for people: the sensor, its trigger, the cost question and the approval pages."""
