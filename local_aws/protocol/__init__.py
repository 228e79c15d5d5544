"""AWS protocols by botocore's models: parses and validates requests, writes answers and errors."""
