"""IAM and STS: moto behind this endpoint's signature check, and the simulation of policies."""
