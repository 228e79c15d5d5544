"""Signature Version 4: identities, issued keys, and the check of requests and payloads."""
