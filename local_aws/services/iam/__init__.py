"""IAM and STS: moto behind this endpoint's signature check, and policy simulation."""
