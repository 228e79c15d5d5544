"""Call foundation models of Bedrock: texts, pictures, embeddings."""
