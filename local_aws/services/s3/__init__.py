"""Amazon S3: buckets and objects on disk, one module per group of operations."""
