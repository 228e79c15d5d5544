"""Amazon SQS: standard queues on disk.

Implemented: messages survive a kill; long polling, delays, visibility timeouts, retention,
dead-letter queues, message attributes with their digests.
Not implemented: FIFO queues, batches, tags, access policies (they are stored and not enforced),
encryption keys, moving messages back out of a dead-letter queue, and the older query protocol.
Messages come in the order they were sent, which the service does not promise.
"""

from local_aws.services.sqs import messages, queues

PARTS = (queues, messages)
"""Their functions answer the operations; see `services.registry`."""
