"""The pictures behind the stand-ins for models: codecs, faces, facts, captions and embeddings."""
