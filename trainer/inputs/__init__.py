"""What a job is given, checked before anything is loaded."""
