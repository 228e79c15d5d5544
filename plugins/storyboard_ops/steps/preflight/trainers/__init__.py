"""Choose the trainer of a run, and check what each trainer needs."""
