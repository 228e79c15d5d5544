"""Image processing in place of AI models: codecs, faces, facts, captions and embeddings."""
