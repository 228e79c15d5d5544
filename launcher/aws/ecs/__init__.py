"""Heavy tasks on Amazon ECS: the variables of both sides, and the resources of the template."""
