"""Foundation models: text, pictures and embeddings from Bedrock."""
