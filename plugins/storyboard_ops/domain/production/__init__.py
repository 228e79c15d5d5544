"""What people say about the figures of their films, before it becomes a production file."""
