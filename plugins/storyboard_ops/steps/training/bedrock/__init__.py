"""Train by Bedrock model customization, and draw with provisioned throughput."""
