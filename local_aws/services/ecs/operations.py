"""Amazon ECS: tasks of one container, run as local processes.

Implemented: the container's entry point and command run as a local process in a folder of its own,
with its environment and the endpoint's address and keys; the exit code is the command's, 128 + n
after a signal n. A task is PROVISIONING and PENDING for `--task-start-seconds`, RUNNING while its
command runs, DEPROVISIONING for half as long, and STOPPED. It continues when the endpoint is
killed, and its exit code is not lost; a clean stop of the endpoint stops the tasks too. The log
driver `awslogs` sends the output to CloudWatch Logs: a missing group stops the task before it
starts, unless the driver may create it. A fault of the kind "fail" on RunTask with the code
CapacityError fails to place the task, with its message as the reason (RESOURCE:MEMORY); one with
another code (CannotPullContainerError) stops the task before it starts.
Not implemented: images (a task without a command fails to start), more than one container,
services, volumes, limits of processor and memory, and other log drivers: the output is also in
`output.log` in the task's folder. Networks are required as Fargate does, and not looked up. The
bill has the hours of processors and memory of each Fargate task by the second, at least a minute,
from `pullStartedAt`, the middle of the start, to `stoppedAt`, by the prices of Linux on x86; spot
is billed as on demand.
"""

from local_aws.services.ecs import task_definitions, tasks

PARTS = (task_definitions, tasks)
"""Their functions answer the operations; see `services.registry`."""
