"""Draw panels with models of Bedrock, by one call each."""
