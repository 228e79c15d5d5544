"""Check what people hand over: production file, pictures, script and films, and the board."""
