"""The search for near-duplicates, compared with other libraries."""
