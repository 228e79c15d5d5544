"""The local AWS endpoint: one loopback process that simulates the services the product calls.

It simulates Amazon S3, SQS, IAM, STS, Rekognition, Bedrock, SageMaker A2I, ECS, CloudWatch Logs and
Service Quotas. It imports nothing of the product, and the product imports nothing of it.
"""
