"""What survives a restart: the SQLite database, documents, objects, uploads and queues."""
