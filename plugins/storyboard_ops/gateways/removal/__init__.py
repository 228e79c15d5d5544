"""List, read and delete all versions of S3 objects."""
