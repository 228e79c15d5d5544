"""The Bedrock control plane: models, customization jobs, and the capacity that serves them."""
