"""Durable state: the SQLite database, documents, objects, uploads and queues."""
