"""Store objects, manifests and paid answers in S3; load production files."""
