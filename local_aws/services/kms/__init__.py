"""AWS KMS: keys that are described, disabled and judged; nothing is encrypted."""
