"""Train and draw by SageMaker's jobs."""
