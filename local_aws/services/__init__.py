"""One package per AWS service, and the registry of the operations they answer."""
