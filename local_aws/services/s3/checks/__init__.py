"""What every S3 request is checked for before its operation runs."""
