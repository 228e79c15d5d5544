"""The local AWS endpoint: the services the product calls, played by one process on loopback.

It stands in for Amazon S3, SQS, IAM, STS, Rekognition, Bedrock, SageMaker A2I, ECS and Service
Quotas. It imports nothing of the product, and the product imports nothing of it.
"""
