"""Call the control plane of Bedrock: customization jobs, models, provisioned throughput."""
