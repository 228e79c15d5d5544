"""Find figures that nobody has named yet, group them by likeness, and write a production file."""
