"""Customization jobs, models and provisioned throughput of Bedrock."""
