"""Amazon ECS: tasks of one container, run as processes of this machine."""
