"""Human review with SageMaker and A2I: task UIs, flow definitions, human loops and templates."""
