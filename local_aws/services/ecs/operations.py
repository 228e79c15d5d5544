"""Amazon ECS: tasks of one container, run as local processes.

Implemented: the container's entry point and command run as a local process in a folder of its own,
with its environment and the endpoint's address and keys; the exit code is the command's, 128 + n
after a signal n. A task continues when the endpoint is killed, and its exit code is not lost; a
clean stop of the endpoint stops the tasks too.
Not implemented: images (a task without a command fails to start), more than one container,
services, networks, volumes, limits of processor and memory, and log drivers: the output is in
`output.log` in the task's folder. The hours of a task are not metered.
"""

from local_aws.services.ecs import task_definitions, tasks

PARTS = (task_definitions, tasks)
"""Their functions answer the operations; see `services.registry`."""
