"""Amazon SQS: standard queues whose messages are on disk."""
