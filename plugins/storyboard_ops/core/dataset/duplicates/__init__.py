"""Find copies by hashes, and near-duplicates by embeddings, exactly and in bounded memory."""
