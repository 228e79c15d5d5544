"""Programs and libraries that turn a storyboard into film: encoder and system voice."""
