"""Programs and libraries that turn a storyboard into film and sheets."""
