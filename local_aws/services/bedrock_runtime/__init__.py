"""The Bedrock runtime: InvokeModel and Converse, one module per family of models."""
