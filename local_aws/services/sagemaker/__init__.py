"""SageMaker's human review: task UIs, flow definitions, human loops and worker templates."""
