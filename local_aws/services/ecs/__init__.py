"""Amazon ECS: tasks of one container, run as local processes."""
